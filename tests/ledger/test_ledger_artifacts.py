from __future__ import annotations

import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from evalharness.core.errors import BadInputError, DamagedArtifactError
from evalharness.ledger import artifacts
from evalharness.ledger.store import Store

PIXELS = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)),
    elements=st.integers(0, 255),
)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@settings(max_examples=40, deadline=None)
@given(PIXELS, st.booleans())
def test_pictures_come_back_exactly(pixels: np.ndarray, turned: bool) -> None:
    pixels = pixels.transpose(1, 0, 2)[::-1] if turned else pixels
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(folder)
        facts = artifacts.store_picture(store, pixels)
        assert (facts.height, facts.width) == pixels.shape[:2]
        assert np.array_equal(artifacts.read_picture(store, facts.sha256), pixels)
        assert artifacts.is_intact(store, facts.sha256, facts.bytes)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_texts_come_back_exactly(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(folder)
        facts = artifacts.store_text(store, text)
        path = artifacts.path_of(store, facts.sha256, "txt")
        assert path.read_bytes().decode("utf-8", "surrogatepass") == text
        assert (facts.kind, facts.format, facts.text) == ("text", "txt", text)
        assert artifacts.is_intact(store, facts.sha256, facts.bytes)


def test_the_file_is_a_png_in_rgb_under_its_sha256(store: Store) -> None:
    red = np.zeros((4, 6, 3), np.uint8)
    red[..., 0] = 255
    facts = artifacts.store_picture(store, red)
    path = artifacts.path_of(store, facts.sha256)
    assert path == store.artifacts / facts.sha256[:2] / f"{facts.sha256[2:]}.png"
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == facts.sha256
    assert len(data) == facts.bytes
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.getpixel((0, 0)) == (255, 0, 0)
    row = facts.row("run", datetime(2026, 1, 1))
    assert (row.sha256, row.width, row.height, row.run, row.text) == (
        facts.sha256, 6, 4, "run", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((512, 1024), (256, 128)),
        ((1000, 300), (77, 256)),
        ((64, 64), (64, 64)),
        ((1, 5000), (256, 1)),
        ((256, 256), (256, 256)),
    ],
)
def test_thumbnails_are_small_webp_of_the_same_look(
    store: Store, shape: tuple[int, int], expected: tuple[int, int]
) -> None:
    blue = np.zeros((*shape, 3), np.uint8)
    blue[..., 2] = 250
    facts = artifacts.store_picture(store, blue)
    path = artifacts.thumb_of(store, facts.sha256)
    with Image.open(path) as image:
        assert image.format == "WEBP"
        assert image.size == expected
        red, green, blue_value = image.convert("RGB").getpixel((0, 0))
        assert red < 20 > green
        assert blue_value > 230


def test_a_known_picture_is_not_written_again(store: Store) -> None:
    facts = artifacts.store_picture(store, noise(20, 20))
    before = artifacts.path_of(store, facts.sha256).stat()
    assert artifacts.store_picture(store, noise(20, 20)) == facts
    after = artifacts.path_of(store, facts.sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert not list((store.artifacts / ".staging").iterdir())


def test_a_lost_or_empty_thumbnail_is_made_again(store: Store) -> None:
    facts = artifacts.store_picture(store, noise(20, 20))
    thumb = artifacts.thumb_of(store, facts.sha256)
    whole = thumb.read_bytes()
    thumb.write_bytes(b"")
    artifacts.store_picture(store, noise(20, 20))
    assert thumb.read_bytes() == whole
    thumb.unlink()
    artifacts.store_picture(store, noise(20, 20))
    assert thumb.read_bytes() == whole


def test_a_truncated_picture_is_noticed_moved_away_and_stored_again(store: Store) -> None:
    facts = artifacts.store_picture(store, noise(20, 20))
    path = artifacts.path_of(store, facts.sha256)
    path.write_bytes(path.read_bytes()[:100])
    assert not artifacts.is_intact(store, facts.sha256, facts.bytes)
    with pytest.raises(
        DamagedArtifactError, match=rf"found 100 bytes .*expected {facts.sha256}.*next `evalharness"
    ):
        artifacts.read_picture(store, facts.sha256)
    assert (store.artifacts / "damaged" / f"{facts.sha256}.png").exists()
    with pytest.raises(DamagedArtifactError, match="cannot be read: No such file"):
        artifacts.read_picture(store, facts.sha256)
    artifacts.store_picture(store, noise(20, 20))
    assert artifacts.is_intact(store, facts.sha256, facts.bytes)
    assert np.array_equal(artifacts.read_picture(store, facts.sha256), noise(20, 20))


def test_storing_over_a_truncated_file_repairs_it(store: Store) -> None:
    facts = artifacts.store_picture(store, noise(20, 20))
    artifacts.path_of(store, facts.sha256).write_bytes(b"")
    artifacts.store_picture(store, noise(20, 20))
    assert artifacts.is_intact(store, facts.sha256, facts.bytes)


def test_one_flipped_bit_is_noticed(store: Store) -> None:
    facts = artifacts.store_picture(store, noise(20, 20))
    path = artifacts.path_of(store, facts.sha256)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert artifacts.is_intact(store, facts.sha256, facts.bytes), "only the size is looked at"
    with pytest.raises(DamagedArtifactError, match="is damaged"):
        artifacts.read_picture(store, facts.sha256)
    assert not artifacts.is_intact(store, facts.sha256, facts.bytes)


def test_whole_bytes_that_are_no_picture(store: Store) -> None:
    data = b"not a picture"
    sha256 = hashlib.sha256(data).hexdigest()
    path = artifacts.path_of(store, sha256)
    path.parent.mkdir()
    path.write_bytes(data)
    with pytest.raises(DamagedArtifactError, match="is not a picture"):
        artifacts.read_picture(store, sha256)


@pytest.mark.parametrize(
    "name",
    ["", "../../etc/passwd", "/etc/passwd", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n",
     "..%2f" + "a" * 59, "\0" * 64],
)  # fmt: skip
def test_only_digests_become_paths(store: Store, name: str) -> None:
    for look in (
        lambda: artifacts.path_of(store, name),
        lambda: artifacts.thumb_of(store, name),
        lambda: artifacts.read_picture(store, name),
        lambda: artifacts.is_intact(store, name, 1),
    ):
        with pytest.raises(BadInputError, match="64 lowercase hex digits"):
            look()
    with pytest.raises(BadInputError, match="stored as"):
        artifacts.path_of(store, "a" * 64, "../x")


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(store: Store, pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a picture is uint8"):
        artifacts.store_picture(store, pixels)


def test_threads_storing_the_same_pictures(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        facts = list(
            pool.map(lambda i: artifacts.store_picture(store, noise(32, 32, i % 3)), range(24))
        )
    assert len(set(facts)) == 3
    for seed, fact in enumerate(facts[:3]):
        assert np.array_equal(artifacts.read_picture(store, fact.sha256), noise(32, 32, seed))
    assert len(list(store.artifacts.rglob("*.png"))) == 3
