"""Checks of text answers as a prompts file may have them, and as it may not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evalharness.catalog.prompts import read_prompts
from evalharness.core.errors import BadInputError

Write = Callable[[str, str | bytes], Path]

RIGHT = {
    "targets": ["ten", "10"],
    "choices": ["ice", "salt"],
    "labels": ["ice", "salt"],
    "pattern": r"^\d+$",
    "instructions": [{"id": "length_constraints:number_words", "num_words": 5}],
    "json_schema": {"type": "object"},
    "language": "de",
    "code": {"tests": "assert f(1)", "entry_point": "f", "prefix": "def f(n):\n"},
    "rubric": "Is it kind?",
}
WRONG: list[tuple[str, object]] = [
    ("targets", "ten"),
    ("targets", []),
    ("targets", ["ten", 10]),
    ("targets", [" "]),
    ("choices", ["ice"]),
    ("choices", ["ice", "ice"]),
    ("labels", {"ice": 1}),
    ("pattern", "("),
    ("pattern", 5),
    ("instructions", {"id": "a"}),
    ("instructions", [{"num_words": 5}]),
    ("instructions", []),
    ("json_schema", "object"),
    ("language", "German"),
    ("language", "DE"),
    ("code", "assert f(1)"),
    ("code", {"tests": "assert f(1)"}),
    ("code", {"tests": " ", "entry_point": "f"}),
    ("code", {"tests": "f()", "entry_point": "f()"}),
    ("code", {"tests": "f()", "entry_point": "f", "timeout": 3}),
    ("rubric", ""),
]


def line(**fields: object) -> str:
    return json.dumps({"text": "Which melts first?", "target": "ice", **fields})


def error_of(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        read_prompts(path)
    return str(caught.value)


def test_checks_as_they_are_documented(write: Write) -> None:
    [prompt] = read_prompts(write("p.jsonl", line(checks=RIGHT)))
    assert prompt.checks == RIGHT


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_checks_that_nobody_could_check(write: Write, name: str, value: object) -> None:
    with pytest.raises(BadInputError) as caught:
        read_prompts(write("p.jsonl", line(checks={name: value})))
    assert f"p.jsonl, line 1, field checks.{name}: found {json.dumps(value)};" in str(caught.value)


@pytest.mark.parametrize("name", ["choices", "labels"])
def test_the_target_is_one_of_what_is_offered(write: Write, name: str) -> None:
    checks = {name: ["iron", "salt"]}
    told = error_of(write("p.jsonl", line(checks=checks)))
    assert "line 1, field target: found 'ice'; expected a target that is one of" in told
    assert f'checks.{name}, which are ["iron", "salt"]' in told
    assert read_prompts(write("q.jsonl", line(checks=checks, target=None)))[0].checks == checks


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lables", "labels"),
        ("choice", "choices"),
        ("langauge", "language"),
        ("lenght", "length"),
        ("jsonschema", "json_schema"),
        ("instruction", "instructions"),
        ("letering", "lettering"),
    ],
)
def test_a_misspelt_check_is_told_with_what_was_meant(
    write: Write, written: str, meant: str
) -> None:
    told = error_of(write("p.jsonl", line(checks={written: ["ice", "salt"]})))
    assert f"line 1, field checks.{written}: found an unknown check; expected" in told
    assert f"did you mean {meant!r}?" in told


@pytest.mark.parametrize("name", ["must_include", "sentiment", "points", "atoms", "x"])
def test_checks_of_other_peoples_metrics_stay_as_they_are(write: Write, name: str) -> None:
    [prompt] = read_prompts(write("p.jsonl", line(checks={name: 3})))
    assert prompt.checks == {name: 3}


def test_instructions_that_nobody_knows(write: Write) -> None:
    listed = [{"id": "startend:quotation"}, {"id": "punctuation:no_coma"}]
    told = error_of(write("p.jsonl", line(checks={"instructions": listed})))
    assert "line 1, field checks.instructions[1].id: found 'punctuation:no_coma'" in told
    assert "did you mean 'punctuation:no_comma'?" in told
    told = error_of(write("q.jsonl", line(checks={"instructions": [{"id": "sing"}]})))
    assert "found 'sing'; expected the id of an instruction of IFEval: one of change_case" in told


@pytest.mark.parametrize(
    ("schema", "place", "reason"),
    [
        ({"type": "objekt"}, "json_schema.type: found 'objekt'", "'objekt' is not valid under"),
        ({"required": "name"}, "json_schema.required: found 'name'", "is not of type 'array'"),
        (
            {"properties": {"age": {"minimum": "0"}}},
            "json_schema.properties.age.minimum: found '0'",
            "is not of type 'number'",
        ),
    ],
)
def test_schemas_that_are_none(write: Write, schema: object, place: str, reason: str) -> None:
    told = error_of(write("p.jsonl", line(checks={"json_schema": schema})))
    assert f"line 1, field checks.{place}; expected a JSON Schema (" in told
    assert reason in told


def test_tests_that_are_no_python(write: Write) -> None:
    code = {"tests": "x = 1\nassert f(1 == 2\n", "entry_point": "f"}
    told = error_of(write("p.jsonl", line(checks={"code": code})))
    assert "line 1, field checks.code.tests: found 'assert f(1 == 2' in line 2 of them" in told
    assert "expected tests that are Python" in told
    odd = {"tests": "assert f('\\d')", "entry_point": "f"}
    assert read_prompts(write("q.jsonl", line(checks={"code": odd})))[0].checks["code"] == odd


def test_what_was_found_is_shown_in_short(write: Write) -> None:
    labels = [f"a label called {n}" for n in range(1000)]
    told = error_of(write("p.jsonl", line(checks={"labels": labels})))
    assert "found 'ice'; expected a target that is one of checks.labels, which are [\"a l" in told
    assert len(told) < 400
