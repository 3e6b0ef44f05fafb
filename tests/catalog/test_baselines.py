from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.catalog.baselines import baseline_text, read_baseline
from evalharness.core.errors import BadInputError
from tests.board.gate_takes import CLIP, baseline, model_take


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "base.json"
    take = model_take([1.5, np.nan, 3.25], kid=[0.1, 0.2, 0.3])
    path.write_text(baseline_text(baseline(take)))
    return path


def test_a_baseline_is_read_as_it_was_saved(file: Path) -> None:
    take = model_take([1.5, np.nan, 3.25], kid=[0.1, 0.2, 0.3])
    assert read_baseline(file) == baseline(take)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8))
def test_every_number_comes_back(values: list[float]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "base.json"
        path.write_text(baseline_text(baseline(model_take(values))))
        assert read_baseline(path).models[0].scores[CLIP] == tuple(values)


def test_a_baseline_edited_by_hand_is_noticed(file: Path) -> None:
    text = file.read_text()
    assert text.count("3.25") == 1
    file.write_text(text.replace("3.25", "2.25"))
    with pytest.raises(BadInputError, match="was edited after it was saved"):
        read_baseline(file)


def test_a_baseline_only_laid_out_anew_is_none_the_worse(file: Path) -> None:
    before = read_baseline(file)
    file.write_text(json.dumps(json.loads(file.read_text()), indent=4, sort_keys=True))
    assert read_baseline(file) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is no baseline"),
        ("[1, 2]", "no checksum"),
        ('{"a": NaN}', "expected a finite number"),
        ('{"format": 1, "format": 1}', "twice"),
        ('{"checksum": "00", "format": 2}', "format 2; this evalharness reads 1"),
        ('{"checksum": "00", "format": 1}', "field suite: found nothing"),
        ("[" * 100_000, "is no baseline"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "base.json"
    path.write_text(content)
    with pytest.raises(BadInputError, match=words):
        read_baseline(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"nothing\.json cannot be read"):
        read_baseline(tmp_path / "nothing.json")


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("surprise",), 1, "field surprise"),
        (("seeds",), [], "field seeds"),
        (("models", 0, "answered"), [1.0], "3 values in every column of mine"),
        (("models", 0, "scores", CLIP), ["a", 1.0, 2.0], "a number"),
        (("suite",), "../x", "field suite"),
        (("metrics",), [], "by the metrics listed"),
    ],
)
def test_fields_that_cannot_be_are_named(
    file: Path, place: tuple[str | int, ...], value: object, words: str
) -> None:
    data = json.loads(file.read_text())
    here = data
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = value
    file.write_text(json.dumps(data))
    with pytest.raises(BadInputError, match=words):
        read_baseline(file)
