"""Datasets of the Hub, from a cache laid out as the Hub's library lays it out."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from evalharness.catalog.datasets import dataset_path
from evalharness.catalog.importing import import_prompts
from evalharness.catalog.prompt_formats import hpdv2, questions, table
from evalharness.core.errors import BadInputError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path


def snapshot(cache: Path, revision: str) -> Path:
    repo = cache / "datasets--org--name"
    (repo / "refs" / revision).parent.mkdir(parents=True, exist_ok=True)
    (repo / "refs" / revision).write_text(COMMIT)
    folder = repo / "snapshots" / COMMIT
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def split(cache: Path, name: str, *parts: list[str]) -> None:
    folder = snapshot(cache, "refs/convert/parquet") / name
    folder.mkdir(parents=True)
    for number, texts in enumerate(parts):
        parquet.write_table(pa.table({"caption": texts}), folder / f"{number:04}.parquet")


def texts(source: str) -> list[str]:
    return [prompt.text for prompt in import_prompts(table.FORMAT, dataset_path(source))]


def test_a_split_is_its_parquet_files(cache: Path) -> None:
    split(cache, "default/train", ["a", "b"], ["c"])
    assert texts("hf:org/name") == ["a", "b", "c"]
    split(cache, "default/test", ["d"])
    assert texts("hf:org/name:test") == ["d"]
    assert texts("hf:org/name:default/train") == ["a", "b", "c"]


def test_questions_with_choices_of_their_own_columns(cache: Path) -> None:
    folder = snapshot(cache, "refs/convert/parquet") / "all" / "test"
    folder.mkdir(parents=True)
    rows = [{"stem": "Which melts?", "offers": ["iron", "ice"], "gold": 1, "topic": "physics"}]
    parquet.write_table(pa.Table.from_pylist(rows), folder / "0000.parquet")
    columns = {"question": "stem", "choices": "offers", "answer": "gold", "tags.topic": "topic"}
    path = dataset_path("hf:org/name:test")
    [prompt] = import_prompts(questions.FORMAT, path, columns)
    assert prompt.text.startswith("Which melts?\n\nA. iron\nB. ice\n\n")
    assert (prompt.target, prompt.tags) == ("ice", {"topic": "physics"})


def test_several_splits_are_listed(cache: Path) -> None:
    split(cache, "one/train", ["a"])
    split(cache, "two/train", ["b"])
    for source in ("hf:org/name", "hf:org/name:train", "hf:org/name:trian"):
        with pytest.raises(BadInputError) as caught:
            dataset_path(source)
        assert "expected one of hf:org/name:one/train, hf:org/name:two/train" in str(caught.value)


def test_a_single_file(cache: Path) -> None:
    folder = snapshot(cache, "main") / "benchmark"
    folder.mkdir()
    (folder / "anime.json").write_text(json.dumps(["a mug"]))
    path = dataset_path("hf:org/name/benchmark/anime.json")
    assert import_prompts(hpdv2.FORMAT, path)[0].id == "anime-00000"


@pytest.mark.parametrize("source", ["hf:org/other", "hf:org/name/none.json"])
def test_what_is_not_cached_says_how_to_get_it(cache: Path, source: str) -> None:
    snapshot(cache, "main")
    with pytest.raises(BadInputError) as caught:
        dataset_path(source)
    assert str(cache) in str(caught.value)
    assert "hf download org/" in str(caught.value)
    assert "--repo-type dataset" in str(caught.value)


@pytest.mark.parametrize("source", ["hf:", "hf:name", "hf:/name", "hf:org/", "hf:org//x"])
def test_sources_that_name_no_dataset(source: str) -> None:
    with pytest.raises(BadInputError, match="expected hf:ORG/NAME"):
        dataset_path(source)
