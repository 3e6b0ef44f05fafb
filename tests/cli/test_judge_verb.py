"""Two models' answers held against each other: from a store to a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import evalharness
from evalharness.board.compare.sides import Side
from evalharness.board.judged.contested import contested
from evalharness.board.judged.stored import stored_judgements
from evalharness.board.suites import find_suite
from evalharness.cli.main import _application
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store

N = 40


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three models: one right, one at a loss half of the time, one that refuses now and then."""
    folder = tmp_path_factory.mktemp("talked")
    prompts = [
        {"id": f"q{n}", "text": f"What is {n} + 1?", "target": f"it is {n + 1}",
         "tags": {"odd": str(n % 2)}}
        for n in range(N)
    ]  # fmt: skip
    (folder / "sums.jsonl").write_text("".join(json.dumps(one) + "\n" for one in prompts))
    text = {"backend": "fake", "modality": "text"}
    unknown = {"table": {f"What is {n} + 1?": "nobody knows" for n in range(0, N, 2)}}
    models = [
        {"name": "right", **text},
        {"name": "half", **text, "options": unknown},
        {"name": "shy", **text, "options": {**unknown, "refuse": 0.3}},
    ]
    (folder / "models.yaml").write_text(json.dumps(models))  # YAML, too
    evalharness.run(
        prompts=folder / "sums.jsonl",
        models=str(folder / "models.yaml"),
        metrics=["exact_match"],
        seeds=(0, 1),
        store=folder / "store",
    )
    return folder / "store"


def verdicts(store: Path) -> int:
    connection = connect(Store.open(store))
    [(count,)] = connection.execute(
        "SELECT count(*) FROM features WHERE kind = 'exchange'"
    ).fetchall()
    connection.close()
    return int(count)


def invoke(*arguments: Any) -> Any:
    command = [str(one) for one in arguments]
    return CliRunner().invoke(_application(command), command)


def test_the_better_of_two_models_is_found_and_judged_once(talked):
    found = evalharness.judge("sums", "fake_judge:noise=0", models=["right", "half"], store=talked)
    (one,) = found.pairs
    assert one.first == "right"
    assert one.better == "first"
    assert one.consistent.value == 1.0
    # right answers are alike, word for word, and are not judged; wrong ones lose
    assert one.won + one.identical == one.contests == 2 * N
    asked = verdicts(talked)
    assert asked <= 2 * one.won  # equal answers to one prompt are one question
    again = evalharness.judge("sums", "fake_judge:noise=0", models=["half", "right"], store=talked)
    assert verdicts(talked) == asked
    (swapped,) = again.pairs
    assert (swapped.first, swapped.better) == ("half", "second")
    assert swapped.rate.value == pytest.approx(1 - one.rate.value)


def test_the_verb_says_it_in_a_sentence_and_in_json(talked):
    done = invoke("judge", "sums", "fake_judge:noise=0,place=0.2", "--models", "right,half",
                  "--store", talked, "--format", "markdown")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "right is judged better than half in " in done.output
    assert "both orders agree in " in done.output
    done = invoke("judge", "sums", "fake_judge:noise=0", "--store", talked, "--where", "odd=0",
                  "--format", "json")  # fmt: skip
    found = json.loads(done.output[done.output.index("{") :])
    assert found["slice"] == {"odd": "0"}
    assert len(found["pairs"]) == 3
    assert {one["model"] for one in found["scale"]} == {"right", "half", "shy"}
    shy = next(one for one in found["pairs"] if "shy" in (one["first"], one["second"]))
    assert shy["alone"] > 0  # refusals leave the other's answers alone


def test_a_judges_refusals_are_unscored_with_their_reason(talked):
    found = evalharness.judge("sums", "fake_judge:noise=0,refuse=0.3", models=["right", "half"],
                              store=talked)  # fmt: skip
    (one,) = found.pairs
    assert sum(one.unscored.values()) > 0
    assert set(one.unscored) == {"the extractor gave no verdict"}
    assert one.rate.votes == one.contests - sum(one.unscored.values())
    assert one.lost == 0


@pytest.mark.parametrize("names", [("right", "half"), ("half", "right"), ("shy", "right")])
def test_what_is_stored_reads_as_it_was_told(talked: Path, names: tuple[str, str]) -> None:
    judge = "fake_judge:noise=1.5,place=0.4,refuse=0.1"
    told = evalharness.judge("sums", judge, models=names, store=talked)
    connection = connect(Store.open(talked))
    entry = find_suite(connection, "sums")
    sides = Side(names[0]), Side(names[1])
    found = stored_judgements(connection, contested(connection, entry, sides, {}))
    connection.close()
    (read,) = (one.judgement for one in found if one.judgement.judge == judge)
    (one,), (other,) = read.pairs, told.pairs
    assert one.split > 0
    assert one.won + one.lost > 0
    unscored = sum(one.unscored.values())
    assert 0 < unscored == sum(other.unscored.values())
    assert replace(one, unscored={}) == replace(other, unscored={})
    assert read.weights == told.weights


def test_verdicts_are_no_votes_of_people(talked):
    evalharness.judge("sums", "fake_judge:noise=0", store=talked)
    assert evalharness.votes("sums", store=talked).votes == 0


def test_what_cannot_be_judged_is_told(talked):
    with pytest.raises(BadInputError, match="no verdicts between answers"):
        evalharness.judge("sums", "fake", store=talked)
    with pytest.raises(BadInputError, match="Run the suite with two models"):
        evalharness.judge("sums", "fake_judge:noise=0", models=["right"], store=talked)
    with pytest.raises(UnknownNameError, match="rihgt"):
        evalharness.judge("sums", "fake_judge:noise=0", models=["rihgt", "half"], store=talked)


def test_a_judge_that_says_nothing_is_a_failure(talked: Path) -> None:
    told = invoke("judge", "sums", "fake_judge:noise=0,refuse=1", "--models", "right,half",
                  "--store", talked)  # fmt: skip
    assert told.exit_code == 1, told.output
    assert "unscored" in told.stdout
