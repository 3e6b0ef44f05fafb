"""References of every kind: what they give, what identifies them, what they refuse."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from evalharness.catalog import registry
from evalharness.core.errors import BadInputError
from evalharness.runner.reference_moments import read_moments

HERE = Path()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def pictures(n: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (8, 8, 3), dtype=np.uint8) for _ in range(n)]


def png(pixels: np.ndarray) -> bytes:
    target = BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


def write_folder(folder: Path, made: list[np.ndarray]) -> Path:
    folder.mkdir(parents=True)
    for number, pixels in enumerate(made):
        (folder / f"{number:03}.png").write_bytes(png(pixels))
    return folder


def write_table(path: Path, made: list[np.ndarray], structs: bool = True) -> Path:
    data = [png(pixels) for pixels in made]
    column = [{"bytes": d, "path": None} for d in data] if structs else data
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table({"image": column, "label": list(range(len(data)))}), path)
    return path


def given(written: str, base: Path = HERE) -> list[np.ndarray]:
    source, _, argument = written.partition(":")
    found = registry.reference(source).pictures
    assert found is not None
    return [picture.pixels for picture in found(argument, base)]


def identity(written: str, base: Path = HERE) -> str:
    source, _, argument = written.partition(":")
    return registry.reference(source).identity(argument, base)


# --- folders --------------------------------------------------------------------------------------


def test_a_folder_gives_its_pictures_by_name(tmp_path: Path) -> None:
    made = pictures(40)
    write_folder(tmp_path / "photos", made)
    (tmp_path / "photos" / "notes.txt").write_text("by me")
    np.testing.assert_array_equal(given("folder:./photos", tmp_path), made)


def test_a_folders_identity_is_its_content(tmp_path: Path) -> None:
    one = write_folder(tmp_path / "one", pictures(3))
    two = write_folder(tmp_path / "two", pictures(3))
    assert identity(f"folder:{one}") == identity(f"folder:{two}")
    (two / "003.png").write_bytes(png(pictures(1, seed=9)[0]))
    assert identity(f"folder:{one}") != identity(f"folder:{two}")


def test_empty_and_missing_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="holds no pictures"):
        identity("folder:empty", tmp_path)
    with pytest.raises(BadInputError, match="There is no folder"):
        identity("folder:none", tmp_path)


def test_formats_that_cannot_be_read_are_told_not_left_out(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "photos", pictures(1))
    (folder / "logo.SVG").write_text("<svg/>")
    with pytest.raises(BadInputError, match=r"cannot be read \(logo\.SVG\)"):
        identity(f"folder:{folder}")


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    outside = write_folder(tmp_path / "private", pictures(1))
    folder = write_folder(tmp_path / "photos", pictures(1))
    (folder / "inside.png").symlink_to(folder / "000.png")
    assert len(given(f"folder:{folder}")) == 2
    (folder / "linked").symlink_to(outside)
    assert len(given(f"folder:{folder}")) == 2
    (folder / "stolen.png").symlink_to(outside / "000.png")
    with pytest.raises(BadInputError, match=r"lead out of it \(stolen\.png\)"):
        given(f"folder:{folder}")


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "photos", pictures(3))
    (folder / "001.png").write_bytes(png(pictures(1)[0])[:60])
    with pytest.raises(BadInputError, match=r"001\.png is cut short"):
        given(f"folder:{folder}")


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("structs", [True, False])
def test_a_table_gives_the_pictures_of_its_column(tmp_path: Path, structs: bool) -> None:
    made = pictures(70)
    write_table(tmp_path / "photos.parquet", made, structs)
    for written in ("parquet:./photos.parquet", "parquet:photos.parquet:image"):
        np.testing.assert_array_equal(given(written, tmp_path), made)


def test_a_folder_of_tables_is_one_set(tmp_path: Path) -> None:
    one, two = pictures(3), pictures(2, seed=1)
    write_table(tmp_path / "set" / "0.parquet", one)
    write_table(tmp_path / "set" / "1.parquet", two)
    np.testing.assert_array_equal(given("parquet:set", tmp_path), one + two)
    assert identity("parquet:set", tmp_path) != identity("parquet:set/0.parquet", tmp_path)


def test_the_column_must_hold_pictures(tmp_path: Path) -> None:
    path = write_table(tmp_path / "photos.parquet", pictures(1))
    for column in ("label", "none"):
        with pytest.raises(BadInputError, match="one of \\['image'\\]"):
            given(f"parquet:{path}:{column}")
    data = png(pictures(1)[0])
    parquet.write_table(pa.table({"a": [data], "b": [data]}), path)
    with pytest.raises(BadInputError, match="2 columns that could hold pictures"):
        given(f"parquet:{path}")
    assert len(given(f"parquet:{path}:b")) == 1


def test_tables_that_are_none_or_hold_no_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no Parquet file or folder"):
        identity("parquet:none.parquet", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match=r"holds no \.parquet files"):
        identity("parquet:empty", tmp_path)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(BadInputError, match="cannot be read as Parquet"):
        given(f"parquet:{broken}")
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    rows = pa.array([{"bytes": None, "path": "/etc/passwd"}], kind)
    parquet.write_table(pa.table({"image": rows}), broken)
    with pytest.raises(BadInputError, match=r"row 1 of .*a path or an address is not followed"):
        given(f"parquet:{broken}")


def test_a_dataset_is_read_from_the_hubs_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    repo = tmp_path / "datasets--org--name"
    ref = repo / "refs" / "refs" / "convert" / "parquet"
    ref.parent.mkdir(parents=True)
    ref.write_text(COMMIT)
    made = pictures(5)
    snapshot = repo / "snapshots" / COMMIT
    write_table(snapshot / "default" / "train" / "0000.parquet", made[:3])
    write_table(snapshot / "default" / "train" / "0001.parquet", made[3:])
    for written in ("hf:org/name", "hf:org/name:train", "hf:org/name:default/train:image"):
        np.testing.assert_array_equal(given(written), made)
    local = identity(f"parquet:{snapshot / 'default' / 'train'}")
    assert identity("hf:org/name") == local
    at_hand = registry.reference("hf").at_hand
    assert at_hand("org/name:train", HERE)
    assert not at_hand("org/other", HERE)
    with pytest.raises(BadInputError, match="found no such splits"):
        given("hf:org/name:test")


# --- published statistics -------------------------------------------------------------------------


@pytest.fixture
def stats(tmp_path: Path) -> Callable[..., Path]:
    def write(**arrays: object) -> Path:
        path = tmp_path / "stats.npz"
        np.savez(path, **arrays)  # type: ignore[arg-type]
        return path

    return write


def test_statistics_are_read_as_they_were_written(stats: Callable[..., Path]) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4))
    path = stats(mu=rows.mean(0).astype(np.float32), sigma=np.cov(rows, rowvar=False))
    source = registry.reference("npz")
    assert source.pictures is None
    assert source.moments is not None
    found = source.moments(str(path), HERE)
    assert found.n is None
    assert found.mean.dtype == np.float64
    np.testing.assert_allclose(found.mean, rows.mean(0), rtol=1e-6)
    np.testing.assert_array_equal(found.covariance, np.cov(rows, rowvar=False))
    assert identity(f"npz:{path}") == identity(f"npz:{path.name}", path.parent)


GOOD = np.eye(3)
UNSYMMETRIC = np.array([[1.0, 0.5, 0], [0.4, 1, 0], [0, 0, 1]])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"mu": np.zeros(3)}, "holds mu, but no sigma"),
        ({"act": np.zeros(3)}, "holds act, but no mu"),
        ({"mu": np.zeros(2), "sigma": GOOD}, r"shape \(2,\) and sigma of shape \(3, 3\)"),
        ({"mu": np.zeros((3, 1)), "sigma": GOOD}, r"expected \(d,\)"),
        ({"mu": np.zeros(0), "sigma": np.zeros((0, 0))}, r"expected \(d,\)"),
        ({"mu": np.zeros(3), "sigma": GOOD * np.nan}, "NaN or infinity"),
        ({"mu": np.full(3, np.inf), "sigma": GOOD}, "NaN or infinity"),
        ({"mu": np.zeros(3), "sigma": UNSYMMETRIC}, "not symmetric"),
        ({"mu": np.zeros(3), "sigma": 0 * GOOD}, "no distribution"),
        ({"mu": np.zeros(3, complex), "sigma": GOOD}, "expected real numbers"),
        ({"mu": np.array(["a", "b", "c"]), "sigma": GOOD}, "expected real numbers"),
        ({"mu": np.array([object()] * 3), "sigma": GOOD}, "never loaded"),
    ],
)
def test_what_cannot_be_statistics_is_refused(
    stats: Callable[..., Path], arrays: dict[str, object], message: str
) -> None:
    path = stats(**arrays)
    with pytest.raises(BadInputError, match=message) as caught:
        identity(f"npz:{path}")
    assert str(path) in str(caught.value)


def test_a_covariance_with_a_negative_eigenvalue_is_refused(stats: Callable[..., Path]) -> None:
    path = stats(mu=np.zeros(2), sigma=np.array([[1.0, 2.0], [2.0, 1.0]]))
    moments = registry.reference("npz").moments
    assert moments is not None
    with pytest.raises(BadInputError, match="negative eigenvalue -1"):
        moments(str(path), HERE)


def test_other_files_are_no_statistics(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="There is no file"):
        read_moments(tmp_path / "none.npz")
    path = tmp_path / "stats.npz"
    np.save(tmp_path / "plain.npy", GOOD)
    whole = BytesIO()
    np.savez(whole, mu=np.zeros(3), sigma=GOOD)
    for data in (b"", b"PK", whole.getvalue()[:200], (tmp_path / "plain.npy").read_bytes()):
        path.write_bytes(data)
        with pytest.raises(BadInputError, match="cannot be read as statistics"):
            read_moments(path)


@pytest.mark.parametrize("shape", [(1 << 45,), (1 << 22, 1 << 22), (1 << 70,), (4,)])
def test_a_header_that_claims_more_than_there_is_takes_no_memory(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    entry = BytesIO()
    told = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(entry, told)
    path = tmp_path / "stats.npz"
    with ZipFile(path, "w") as written:
        written.writestr("mu.npy", entry.getvalue() + bytes(24))
    with pytest.raises(BadInputError, match=r"mu in .* claims shape .* but holds 24\."):
        read_moments(path)
