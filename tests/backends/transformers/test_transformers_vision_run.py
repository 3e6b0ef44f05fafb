"""The suites for vision put to small random networks, from their files to a board."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from evalharness.board.leaderboard import leaderboard
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.plan import Choices
from evalharness.runner.run import run_asked
from evalharness.tinyworld.scene import OBJECTS
from tests.backends.transformers import writers
from tests.extractors import talkers

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
KNOWING = ("fake", "scribe")
OBJECT_LABELS = tuple(f"object-{i:02}" for i in range(1, 9))


@pytest.fixture
def models(tmp_path: Path) -> dict[str, str]:
    """One that sees and writes, one that compares, one that was trained: their files."""
    talkers.qwen(tmp_path / "writes-weights")
    writers.clip(tmp_path / "compares-weights")
    writers.vit(tmp_path / "knows-weights", tuple(name.title() for name in OBJECTS))
    files = {}
    for name in ("writes", "compares", "knows"):
        files[name] = str(tmp_path / f"{name}.yaml")
        fields = {"name": name, "backend": "transformers", "modality": "text"}
        source = {"source": str(tmp_path / f"{name}-weights"), "placement": {"device": "cpu"}}
        Path(files[name]).write_text(yaml.safe_dump({**fields, **source}))
    return files


def asked(suite: str, models: dict[str, str], prompts: tuple[str, ...]) -> Asked:
    path = str(ROOT / "suites" / f"{suite}.yaml")
    choices = Choices(prompt_ids=prompts, overrides={"max_new_tokens": 4})
    return Asked(suites=(path,), models=tuple(models.values()), choices=choices)


def test_classifiers_and_writers_stand_on_one_board(tmp_path, models):
    store = tmp_path / "store"
    report = run_asked("test", store, asked("vision-labels", models, OBJECT_LABELS))
    assert report.problems == {}
    assert report.statuses == {"ok": 24}
    connection = connect(Store.open(store))
    try:
        board = leaderboard(connection, "vision-labels")
    finally:
        connection.close()
    rows = {row.model: row.cells for row in board.rows}
    for name in models:
        assert rows[name]["label.correct"].n == 8
        assert rows[name]["label.macro_f1"].n == 8
    for name in ("compares", "knows"):
        assert 0 < rows[name]["likelihood.brier"].value < 2
        assert rows[name]["label.outside"].value == 0
    assert 0 < rows["knows"]["likelihood.ece"].value < 1
    for metric in ("likelihood.brier", "likelihood.ece"):
        cell = rows["writes"][metric]
        assert (cell.value, cell.missing) == (None, 0)
        assert cell.reason == "does not apply to these answers"


def test_a_model_that_sees_answers_questions_and_describes(tmp_path, models):
    store, only = tmp_path / "store", {"writes": models["writes"]}
    questions = ("presence-01", "counting-01", "object-01", "sentence-01", "look-01")
    report = run_asked("test", store, asked("vision", only, questions))
    assert (report.problems, report.statuses) == ({}, {"ok": 5})
    captions = asked("vision-captions", only, ("caption-01", "caption-02"))
    report = run_asked("test", store, captions)
    assert (report.problems, report.statuses) == ({}, {"ok": 2})
    connection = connect(Store.open(store))
    try:
        found = dict(
            connection.execute(
                "SELECT metric, count(*) FROM scores WHERE status = 'ok' GROUP BY metric"
            ).fetchall()
        )
    finally:
        connection.close()
    assert found["vqa_accuracy"] == 2
    assert found["label.correct"] == 2
    assert found["multiple_choice.correct"] == found["number_match"] == 1
    assert found["caption_match[tiny-clip]"] == found["caption_match.reference[tiny-clip]"] == 2


def test_likelihoods_after_pictures_stand_on_one_board(tmp_path, models):
    """As vision benchmarks score multiple choice; fakes answer the same suite."""
    pictures = sorted((ROOT / "prompts" / "vision").glob("one-*.png"))[:4]
    texts = [" red", " it is", " a"]
    rows = [
        {
            "id": f"p{i}",
            "text": "is it",
            "images": [str(picture)],
            "continuations": texts,
            "target": texts[i % 3],
        }
        for i, picture in enumerate(pictures)
    ]
    (tmp_path / "seen.jsonl").write_text("\n".join(map(json.dumps, rows)))
    suite = {"version": 1, "modality": "text", "prompts": "seen.jsonl", "seeds": 1}
    metrics = ["likelihood.correct", "likelihood.correct_by_byte", "likelihood.brier"]
    written = yaml.safe_dump({**suite, "title": "Seen", "metrics": metrics})
    (tmp_path / "seen.yaml").write_text(written)
    known = {name: {"name": name, "backend": name, "modality": "text"} for name in KNOWING}
    for name, fields in known.items():
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(fields))
    names = (models["writes"], *(str(tmp_path / f"{name}.yaml") for name in known))
    store = tmp_path / "store"
    report = run_asked("test", store, Asked(suites=(str(tmp_path / "seen.yaml"),), models=names))
    assert (report.problems, report.statuses) == ({}, {"ok": 12})
    connection = connect(Store.open(store))
    try:
        board = leaderboard(connection, "seen")
    finally:
        connection.close()
    cells = {row.model: row.cells for row in board.rows}
    assert {model: row["likelihood.correct"].n for model, row in cells.items()} == {
        "writes": 4,
        "fake": 4,
        "scribe": 4,
    }
    assert cells["fake"]["likelihood.correct"].value == 1
    assert cells["scribe"]["likelihood.correct"].value == 1
    assert 0 <= cells["writes"]["likelihood.correct_by_byte"].value <= 1
    assert 0 < cells["writes"]["likelihood.brier"].value < 2
