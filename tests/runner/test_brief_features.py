"""What is seen of a brief and of the outputs it is held against, and that it is seen once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalharness.core.brief import NEUTRAL, Brief, Space
from evalharness.core.errors import BadInputError, HarnessError
from evalharness.extractors.fake import picture_vector, text_vector
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.brief_features import brief_features, find_brief_looks, look_at_outputs
from evalharness.runner.run import RunReport
from tests.runner.conftest import Write
from tests.runner.test_references import pictures, png, write_folder, write_table

FAKE = Space("fake", "code", 1)


@pytest.fixture
def digest(
    suite: Write,
    model: Write,
    go: Callable[..., RunReport],
    ask_sql: Callable[[str], list[tuple[Any, ...]]],
) -> str:
    """A suite that was answered, and whose pictures nobody has looked at."""
    go(Asked(suites=(suite(prompts=3, metrics=["latency"]),), models=(model("one"),)))
    [(found,)] = ask_sql("SELECT DISTINCT suite FROM members")
    return str(found)


@pytest.fixture
def seen(ask_sql: Callable[[str], list[tuple[Any, ...]]]) -> Callable[[str], int]:
    """How many features of a kind of subject the store holds."""

    def count(kind: str) -> int:
        [(number,)] = ask_sql(f"SELECT count(*) FROM features WHERE kind = '{kind}'")
        return int(number)

    return count


def look(store: Path, digest: str, brief: Brief) -> Any:
    return brief_features(store, digest, brief, find_brief_looks(brief, "fake", "fake"))


def test_pictures_and_words_are_what_the_instrument_sees(
    store: Path, digest: str, tmp_path: Path
) -> None:
    made = pictures(3)
    folder = write_folder(tmp_path / "look", made)
    found = look(store, digest, Brief(words="a soft comic", references=(str(folder),)))
    assert (found.style, found.texts) == (FAKE, FAKE)
    assert np.array_equal(found.references, [picture_vector(one) for one in made])
    assert found.names == tuple(f"{folder} #{number}" for number in (1, 2, 3))
    assert np.array_equal(found.words, text_vector("a soft comic"))
    assert np.array_equal(found.neutral, text_vector(NEUTRAL))


def test_asking_again_writes_nothing_and_a_new_reference_is_looked_at_alone(
    store: Path, digest: str, tmp_path: Path, seen: Callable[[str], int]
) -> None:
    first = str(write_folder(tmp_path / "first", pictures(3)))
    before = look(store, digest, Brief(references=(first,)))
    published, features = Store.open(store).current.read_text(), seen("picture")
    again = look(store, digest, Brief(references=(first,)))
    assert np.array_equal(again.references, before.references)
    assert Store.open(store).current.read_text() == published
    second = str(write_folder(tmp_path / "second", pictures(2, seed=1)))
    both = look(store, digest, Brief(references=(first, second)))
    assert np.array_equal(both.references[:3], before.references)
    assert len(both.references) == len(both.names) == 5
    assert seen("picture") == features + 2


def test_a_file_and_a_table_are_references_and_moments_are_not(
    store: Path, digest: str, tmp_path: Path
) -> None:
    one, two = pictures(1), pictures(2, seed=1)
    (tmp_path / "one.png").write_bytes(png(one[0]))
    table = write_table(tmp_path / "two.parquet", two)
    asked = Brief(references=(str(tmp_path / "one.png"), f"parquet:{table}"))
    found = look(store, digest, asked)
    assert np.array_equal(found.references, [picture_vector(p) for p in (*one, *two)])
    np.savez(tmp_path / "stats.npz", mu=np.zeros(16), sigma=np.eye(16))
    with pytest.raises(BadInputError, match="has no pictures to look at"):
        look(store, digest, Brief(references=(f"npz:{tmp_path / 'stats.npz'}",)))


def test_a_side_that_the_brief_lacks_needs_no_instrument(store: Path, digest: str) -> None:
    words = Brief(words="noir")
    found = brief_features(store, digest, words, find_brief_looks(words, "nobody", "fake"))
    assert (found.style, found.references, found.names) == (None, None, ())
    assert found.texts == FAKE
    nothing = find_brief_looks(Brief(), "nobody", "nobody")
    assert (nothing.style, nothing.words) == (None, None)


def test_an_instrument_that_cannot_see_what_it_must_is_refused() -> None:
    with pytest.raises(BadInputError, match="gives no vector of a picture and a text"):
        find_brief_looks(Brief(words="noir"), "", "style-statistics")
    with pytest.raises(HarnessError, match="nobody"):
        find_brief_looks(Brief(words="noir"), "", "nobody")


def test_a_reference_that_no_instrument_can_see_is_told(
    store: Path, digest: str, tmp_path: Path
) -> None:
    dot = np.zeros((1, 1, 3), np.uint8)
    folder = write_folder(tmp_path / "dot", [*pictures(1), dot])
    with pytest.raises(HarnessError, match=r"1 of 2 reference pictures.*2×2"):
        look(store, digest, Brief(references=(str(folder),)))
    (tmp_path / "note.png").write_text("no picture")
    with pytest.raises(BadInputError, match=r"note\.png"):
        look(store, digest, Brief(references=(str(tmp_path / "note.png"),)))


def test_copies_of_a_picture_are_one_reference(store: Path, digest: str, tmp_path: Path) -> None:
    one, other = pictures(2)
    folders = [
        write_folder(tmp_path / "many", [one, one, one]),
        write_folder(tmp_path / "more", [other, one]),
    ]
    found = look(store, digest, Brief(references=tuple(map(str, folders))))
    assert np.array_equal(found.references, [picture_vector(one), picture_vector(other)])
    assert (len(found.names), found.copies) == (2, 3)


def test_references_are_read_before_anything_is_looked_at(
    store: Path, digest: str, seen: Callable[[str], int], tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "look", pictures(2))
    (folder / "note.png").write_text("no picture")
    with pytest.raises(BadInputError, match=r"note\.png"):
        look(store, digest, Brief(references=(str(folder),)))
    assert seen("picture") == 0


def test_all_pictures_of_a_suite_are_looked_at_once(
    store: Path,
    digest: str,
    seen: Callable[[str], int],
    ask_sql: Callable[[str], list[tuple[Any, ...]]],
) -> None:
    assert seen("picture") == 0
    assert look_at_outputs(store, digest, "fake") == FAKE
    [(made,)] = ask_sql("SELECT count(DISTINCT sha256) FROM output_artifacts")
    assert seen("picture") == made > 0
    published = Store.open(store).current.read_text()
    look_at_outputs(store, digest, "fake")
    assert Store.open(store).current.read_text() == published
