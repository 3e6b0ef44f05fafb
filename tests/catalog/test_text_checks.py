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


def test_checks_as_they_are_documented(write: Write) -> None:
    [prompt] = read_prompts(write("p.jsonl", line(checks=RIGHT)))
    assert prompt.checks == RIGHT


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_checks_that_nobody_could_check(write: Write, name: str, value: object) -> None:
    with pytest.raises(BadInputError) as caught:
        read_prompts(write("p.jsonl", line(checks={name: value})))
    assert "p.jsonl, line 1" in str(caught.value)
    assert f"in checks.{name}" in str(caught.value)


@pytest.mark.parametrize("name", ["choices", "labels"])
def test_the_target_is_one_of_what_is_offered(write: Write, name: str) -> None:
    checks = {name: ["iron", "salt"]}
    with pytest.raises(BadInputError, match=f"a target that is one of checks.{name}"):
        read_prompts(write("p.jsonl", line(checks=checks)))
    assert read_prompts(write("q.jsonl", line(checks=checks, target=None)))[0].checks == checks
