"""What models wrote is run only where a person allowed it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import evalharness
from evalharness.catalog.instruments import load_instrument
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument
from evalharness.extractors.code import ENTRY
from evalharness.runner.asked import Asked
from evalharness.runner.extract import ExtractWork, extract
from evalharness.runner.look import Look, find_look
from evalharness.runner.plan import Choices
from evalharness.runner.run import RunReport
from evalharness.runner.selftest import selftest
from evalharness.runner.verify import VerifyWork, verify

Write = Callable[..., str]
TABLE = {
    "write one": "```python\ndef one():\n    return 1\n```",
    "write two": "def two():\n    return 3",
    "write nothing": "nothing",
}
PROMPTS: list[dict[str, Any]] = [
    {
        "id": name,
        "text": f"write {name}",
        "checks": {"code": {"tests": f"assert {name}() == {n}", "entry_point": name}},
    }
    for n, name in enumerate(["one", "two"], start=1)
] + [{"id": "nothing", "text": "write nothing"}]
LOOK = Look(Instrument("python", "code"), ENTRY, ENTRY.resolve(Instrument("python", "code")))
ALLOWED = Choices(allow_code_execution=True)


@pytest.fixture
def asked(suite: Write, model: Write) -> Asked:
    answering = model("coder", modality="text", options={"table": TABLE})
    metrics = ["code.passed", "latency"]
    written = suite("code", modality="text", prompts=PROMPTS, seeds=1, metrics=metrics)
    return Asked(suites=(written,), models=(answering,))


def test_without_permission_the_metric_is_told_and_the_others_go_on(
    asked: Asked, go: Callable[..., RunReport], ask_sql: Callable[[str], list[Any]]
) -> None:
    report = go(asked)
    assert "--allow-code-execution" in report.problems["python"]
    assert ask_sql("SELECT DISTINCT metric FROM scores") == [("latency",)]
    assert ask_sql("SELECT count(*) FROM features") == [(0,)]
    assert ask_sql("SELECT arguments->>'allow_code_execution' FROM runs") == [("false",)]


def test_prompts_of_ones_own_with_tests_need_no_metric_named(
    asked: Asked,
    go: Callable[..., RunReport],
    ask_sql: Callable[[str], list[Any]],
    tmp_path: Path,
) -> None:
    mine = tmp_path / "mine.jsonl"
    mine.write_text("\n".join(map(json.dumps, PROMPTS)))
    own = replace(asked, suites=(), prompts=mine)
    assert "--allow-code-execution" in go(own).problems["python"]
    assert not go(replace(own, choices=ALLOWED)).problems
    passed = "SELECT count(*), sum(value) FROM scores WHERE metric = 'code.passed[python]'"
    assert ask_sql(f"{passed} AND value IS NOT NULL") == [(2, 1.0)]


def test_with_permission_programs_are_run_and_scored_once(
    asked: Asked, go: Callable[..., RunReport], ask_sql: Callable[[str], list[Any]]
) -> None:
    allowed = replace(asked, choices=ALLOWED)
    report = go(allowed)
    assert report.problems == {}
    scores = ask_sql(
        "SELECT m.prompt_id, s.value FROM scores s JOIN members m USING (job_key) "
        "WHERE metric = 'code.passed[python]' AND value IS NOT NULL ORDER BY 1"
    )
    assert scores == [("one", 1.0), ("two", 0.0)]
    details = ask_sql("SELECT detail->>'status', kind FROM features ORDER BY 1")
    assert details == [("failed", "exchange"), ("passed", "exchange")]
    arguments = "SELECT arguments->>'allow_code_execution' FROM runs ORDER BY started_at"
    assert ask_sql(arguments) == [("true",)]
    assert go(allowed).features == 0


def test_the_api_takes_the_permission(asked: Asked, store: Path) -> None:
    report = evalharness.run(
        asked.suites, models=asked.models, store=store, allow_code_execution=True
    )
    assert report.problems == {}
    assert report.features == 2


def test_no_child_runs_programs_without_the_permission(store: Path) -> None:
    work = ExtractWork(
        store=store,
        run="r",
        look=LOOK,
        pictures={},
        texts={},
        pairs={},
        exchanges={},
        changes={},
        references=(),
    )
    with pytest.raises(BadInputError, match="nobody allowed it"):
        extract(work, lambda _event: None)
    with pytest.raises(BadInputError, match="nobody allowed it"):
        verify(VerifyWork(LOOK, ()), lambda _event: None)
    with pytest.raises(BadInputError, match="nobody allowed it"):
        find_look(load_instrument("python"))


def test_a_self_test_never_runs_programs() -> None:
    (verdict,) = selftest([load_instrument("python")], lambda _verdict: None)
    assert not verdict.verified
    assert "nobody allowed" in verdict.problem
