from __future__ import annotations

import json

import pytest

from evalharness.board.run_progress import progress
from evalharness.board.runs import circumstances, runs, troubles
from evalharness.core.errors import UnknownNameError
from evalharness.ledger.rows import JsonText
from tests.board.conftest import Bench


def test_runs_stand_newest_first_with_what_they_made(bench: Bench) -> None:
    suite = bench.suite(prompts=3)
    bench.model("a")
    bench.begin("old")
    keys = [bench.job(suite, "a", prompt, 0) for prompt in range(3)]
    bench.attempt(keys[0])
    bench.attempt(keys[1], status="refused", reason="not this")
    bench.begin("new", hours=1)
    bench.run = "old"
    bench.attempt(keys[2], status="failed", attempt=1)
    bench.attempt(keys[2], attempt=2)
    with bench.publish() as connection:
        found = runs(connection)
        assert troubles(connection, "old")[0].count == 1
        assert len(troubles(connection, "old")) == 1
    assert [one.run for one in found] == ["new", "old"]
    assert dict(found[1].outputs) == {"ok": 2, "refused": 1}
    assert dict(found[0].outputs) == {}


def test_troubles_are_grouped_by_reason_with_one_to_look_at(bench: Bench) -> None:
    suite = bench.suite(prompts=4)
    bench.begin("run")
    for model in ("a", "b"):
        bench.model(model)
        for prompt in range(4):
            key = bench.job(suite, model, prompt, 0)
            if prompt < 3:
                bench.attempt(key, status="failed", reason="no memory" if prompt else "odd")
            else:
                bench.attempt(key)
    with bench.publish() as connection:
        found = troubles(connection, "run")
    assert [(one.status, one.reason, one.count, one.models) for one in found] == [
        ("failed", "no memory", 4, ("a", "b")),
        ("failed", "odd", 2, ("a", "b")),
    ]
    assert found[0].model in ("a", "b")


def test_circumstances_of_two_runs_stand_side_by_side(bench: Bench) -> None:
    bench.begin("one", versions=JsonText(json.dumps({"torch": "2.14", "numpy": "2.4"})))
    bench.begin(
        "two", versions=JsonText(json.dumps({"torch": "2.15", "numpy": "2.4"})),
        machine=JsonText(json.dumps({"gpus": [], "cores": 2})),
    )  # fmt: skip
    with bench.publish() as connection:
        found = circumstances(connection, "two", "one")
        with pytest.raises(UnknownNameError, match="gone"):
            circumstances(connection, "gone")
    assert [(one.what, one.name, one.value, one.other) for one in found] == [
        ("versions", "torch", "2.15", "2.14"),
        ("versions", "numpy", "2.4", "2.4"),
        ("machine", "cores", "2", "–"),
    ]


def test_progress_is_what_was_planned_and_what_is_on_record(bench: Bench) -> None:
    suite = bench.suite(prompts=4)
    bench.model("a")
    keys = [bench.job(suite, "a", prompt, 0) for prompt in range(4)]
    with bench.publish() as connection:
        [(name, variant)] = connection.execute(
            "SELECT s.suite, m.variant FROM members m JOIN suites s ON s.digest = m.suite LIMIT 1"
        ).fetchall()
    plan = {name: {"a": {"missing": 4, "variant": variant}, "b": {"missing": 0, "variant": "x"}}}
    bench.begin("run", status="running", resolved=JsonText(json.dumps(plan)))
    bench.attempt(keys[0])
    bench.attempt(keys[1], status="failed", attempt=1)
    bench.attempt(keys[1], attempt=2)
    with bench.publish() as connection:
        (one,) = progress(connection, "run")
    assert (one.suite, one.model, one.planned, one.made) == (name, "a", 4, 2)
    assert dict(one.statuses) == {"ok": 2}
    assert one.per_second is None or one.left_s is not None
