"""The board finds the features that a run measured with, and gets the same number."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from evalharness.board.compare import compare
from evalharness.board.compare.sides import Side
from evalharness.board.influences import set_column, set_difference
from evalharness.board.prompt_columns import answered_set
from evalharness.board.selection import select
from evalharness.board.suites import find_suite
from evalharness.catalog.metrics import parse_metric
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.plan import Choices
from evalharness.runner.run import RunReport
from tests.runner.test_references import pictures, write_folder


def test_a_runs_kid_is_the_boards(go, model, suite, tmp_path: Path, store: Path, ask_sql):
    write_folder(tmp_path / "photos", pictures(64))
    asked = suite(prompts=32, metrics=["kid[fake]"], reference="folder:photos")
    go(Asked(suites=(asked,), models=(model("a"), model("b", options={"refuse": 0.01}))))
    [(measured,)] = ask_sql("SELECT value FROM set_scores ORDER BY made_at LIMIT 1")
    connection = connect(Store.open(store))
    selection = select(connection, find_suite(connection, "pictures").digest)
    found = set_column(connection, selection, "kid[fake]", 0)
    assert (found.n, found.value) == (64, pytest.approx(measured, rel=1e-6))
    assert set_difference(connection, selection, "kid[fake]", 0, 0).difference == 0.0
    connection.close()


WORDS = ("river", "stone", "winter", "garden", "window", "letter", "market", "silver")
LABELS = ("happy", "sad", "angry")
METRICS = ["bleu", "chrf", "ter", "wer", "cider", "label.macro_f1", "exact_match"]


def texts(prompts: int) -> list[dict[str, Any]]:
    """Sentences to be said again, and labels to be named."""
    said = [
        {
            "id": f"say-{n}",
            "text": f"sentence {n}",
            "target": " ".join(WORDS[(n * k + k) % len(WORDS)] for k in range(1, 9)) + f" {n}",
        }
        for n in range(prompts)
    ]
    named: list[dict[str, Any]] = [
        {
            "id": f"name-{n}",
            "text": f"mood {n}",
            "target": LABELS[n % len(LABELS)],
            "checks": {"labels": list(LABELS)},
        }
        for n in range(prompts)
    ]
    return said + named


@pytest.fixture
def scribes(
    go: Callable[..., RunReport],
    model: Callable[..., str],
    suite: Callable[..., str],
    store: Path,
) -> Iterator[Callable[..., duckdb.DuckDBPyConnection]]:
    """Run scribes with these options on prompts; what they made, to be read."""
    opened: list[duckdb.DuckDBPyConnection] = []

    def run(
        prompts: int, metrics: list[str], /, **models: Mapping[str, Any]
    ) -> duckdb.DuckDBPyConnection:
        asked = suite(prompts=texts(prompts), metrics=metrics, modality="text")
        written = [model(n, backend="scribe", options=dict(o)) for n, o in models.items()]
        go(Asked(suites=(asked,), models=tuple(written)))
        opened.append(connect(Store.open(store)))
        return opened[-1]

    yield run
    for connection in opened:
        connection.close()


def test_a_model_that_answers_worse_is_told_from_a_better_one(scribes):
    store = scribes(40, METRICS, good={"accuracy": 0.95}, poor={"accuracy": 0.6})
    found = compare(store, "pictures", Side("good"), Side("poor"))
    assert {one.column.metric for one in found.sets} == {*METRICS} - {"exact_match"}
    for one in found.sets:
        assert one.better == "first", one
        assert one.paired is not None and one.paired.detectable is not None
        assert one.paired.low is not None and one.paired.high is not None
        worse = one.paired.high < 0 if one.column.direction == "higher" else one.paired.low > 0
        assert worse, one
        assert one.first.value is not None and one.second.value is not None
        # the stored numbers are of the same outputs
        assert one.paired.difference == pytest.approx(one.second.value - one.first.value)


def test_models_that_answer_alike_are_not_told_apart(scribes):
    store = scribes(40, METRICS, one={"accuracy": 0.8}, other={"accuracy": 0.8, "hand": 1})
    found = compare(store, "pictures", Side("one"), Side("other"))
    for one in found.sets:
        assert one.better == "" and one.reason == "", one
        assert one.paired is not None and one.paired.low is not None
        assert one.paired.high is not None
        assert one.paired.low < 0 < one.paired.high


def test_a_difference_is_of_the_prompts_that_both_answered(scribes):
    store = scribes(30, ["bleu"], all={"accuracy": 0.9}, some={"accuracy": 0.7, "refuse": 0.3})
    selection = select(store, find_suite(store, "pictures").digest)
    pair = set_difference(store, selection, "bleu", 0, 1)
    assert not isinstance(pair, str)
    sets = [answered_set(store, selection, parse_metric("bleu"), v) for v in (0, 1)]
    assert len(sets[0].outputs) > len(sets[1].outputs)
    common = sets[0].outputs.keys() & sets[1].outputs.keys()
    first, second = (one.column(common) for one in sets)
    assert first.n == second.n == len(common)
    assert pair.difference == pytest.approx(second.value - first.value)
    assert pair.prompts == len({prompt for prompt, _ in common})


def test_verdicts_missing_on_one_side_are_left_out_on_both(go, model, suite, store: Path):
    metric = "judge.win_rate_at_equal_length[fake_judge:noise=0,refuse=0.2]"
    asked = [
        {
            "id": f"q{n}",
            "text": f"{n} + 1?",
            "target": f"{n + 1}",
            "checks": {"rival": f"It may well be {n + 7}, or so they say"},
        }
        for n in range(80)
    ]
    written = suite(prompts=asked, modality="text", metrics=[metric])
    models = (
        model("right", modality="text"),
        model("wrong", modality="text", options={"wrong": 0.6}),
    )
    go(Asked(suites=(written,), models=models))
    connection = connect(Store.open(store))
    selection = select(connection, find_suite(connection, "pictures").digest)
    sets = [answered_set(connection, selection, parse_metric(metric), v) for v in (0, 1)]
    first, second = (one.outputs.keys() for one in sets)
    common = first & second
    assert first - second and second - first and len(common) < 160
    assert {one.column(common).n for one in sets} == {len(common)}
    pair = set_difference(connection, selection, metric, 0, 1)
    assert not isinstance(pair, str)
    assert pair.prompts == len({prompt for prompt, _ in common})
    connection.close()


def test_a_slice_has_a_difference_of_its_own(scribes):
    store = scribes(12, ["bleu"], good={}, poor={"accuracy": 0.5})
    selection = replace(
        select(store, find_suite(store, "pictures").digest),
        kept=tuple(f"say-{n}" for n in range(12)),
    )
    pair = set_difference(store, selection, "bleu", 0, 1)
    assert not isinstance(pair, str)
    assert pair.prompts == 12 and (pair.difference or 0) < 0


def test_few_prompts_are_a_reason_and_no_number(scribes):
    store = scribes(4, ["bleu"], good={}, poor={"accuracy": 0.5})
    [one] = compare(store, "pictures", Side("good"), Side("poor")).sets
    assert one.paired is None
    assert one.reason == "8 prompts, at least 10 needed for an interval"
    assert one.first.value is not None


def test_numbers_of_what_instruments_saw_are_read_from_their_features(
    go, model, suite, store: Path, ask_sql
):
    asked = suite(prompts=12, metrics=["seed_diversity[fake]"])
    go(Asked(suites=(asked,), models=(model("a"), model("b", options={"refuse": 1e-9}))))
    stored = dict(ask_sql("SELECT model, value FROM set_scores JOIN models USING (variant)"))
    connection = connect(Store.open(store))
    [one] = compare(connection, "pictures", Side("a"), Side("b")).sets
    connection.close()
    assert one.paired is not None and one.paired.prompts == 12
    assert one.paired.difference == pytest.approx(stored["b"] - stored["a"], abs=1e-9)
    assert one.paired.low is not None


def test_programs_are_compared_by_what_their_tests_said(go, model, suite, store: Path, ask_sql):
    names = [f"f{n}" for n in range(12)]
    prompts = [
        {
            "id": name,
            "text": f"write {name}",
            "checks": {"code": {"tests": f"assert {name}() == 1", "entry_point": name}},
        }
        for name in names
    ]
    right = {f"write {name}": f"def {name}():\n    return 1" for name in names}
    wrong = {f"write {name}": f"def {name}():\n    return 2" for name in names[:8]}
    asked = suite(prompts=prompts, seeds=1, metrics=["pass_at_k.1[python]"], modality="text")
    good = model("good", modality="text", options={"table": right})
    poor = model("poor", modality="text", options={"table": right | wrong})
    allowed = Choices(allow_code_execution=True)
    go(Asked(suites=(asked,), models=(good, poor), choices=allowed))
    connection = connect(Store.open(store))
    [one] = compare(connection, "pictures", Side("good"), Side("poor")).sets
    connection.close()
    assert one.paired is not None and one.better == "first"
    assert one.paired.difference == pytest.approx(-8 / 12)
    assert one.paired.p == pytest.approx(2 * 0.5**8)  # McNemar's exact test of 8 against none
