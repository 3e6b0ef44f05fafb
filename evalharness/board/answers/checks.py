"""What is checked in the answers to a prompt, told to people, and how an answer came out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evalharness.board.answers.marks import lettered
from evalharness.board.columns import base_name
from evalharness.core.errors import HarnessError
from evalharness.core.nouns import Json, Prompt
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.instructions import followed

Form: TypeAlias = Literal["text", "code", "options"]

_SCORED_BY: Mapping[str, tuple[str, ...]] = {
    "target": (
        "exact_match",
        "normalised_match",
        "number_match",
        "contains_target",
        "likelihood.correct",
    ),
    "choices": ("multiple_choice.correct", "likelihood.correct"),
    "labels": ("label.correct", "likelihood.correct"),
    "pattern": ("pattern_match",),
    "json_schema": ("json.schema",),
    "language": ("language.right",),
    "length": ("length.kept",),
    "code": ("code.passed",),
}
"""The metrics, 1 or 0, that say how a check came out; the first that finds it fulfilled decides."""

CHECKING = frozenset(metric for metrics in _SCORED_BY.values() for metric in metrics)
"""The metrics, without their instruments, whose scores `checks_of` reads."""

_NAMES = {
    "pattern": "Pattern",
    "json_schema": "JSON Schema",
    "language": "Language",
    "length": "Length",
    "rubric": "What a judge looks for",
    "rival": "Held against",
}
_CODE = frozenset({"pattern", "json_schema"})


@dataclass(frozen=True, slots=True)
class Option:
    """One of the texts that a prompt offers."""

    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """One check. `passed` is None where nothing was measured, or there is no answer to measure.

    `options` are those of choices and labels, whose `text` is empty.
    """

    label: str
    text: str
    passed: bool | None = None
    form: Form = "text"
    options: tuple[Option, ...] = ()


def checks_of(
    prompt: Prompt, answer: str | None = None, scores: Mapping[str, float] | None = None
) -> tuple[CheckEntry, ...]:
    """Everything that a prompt says about right answers.

    `answer` is a whole answer, whose `scores` (by metric) say how it came out; instructions are
    looked at one by one, as `ifeval` does (strictly).
    """
    return tuple(_entries(prompt, answer, scores or {}))


def _entries(
    prompt: Prompt, answer: str | None, scores: Mapping[str, float]
) -> Iterator[CheckEntry]:
    for name, label in (("choices", "Choices"), ("labels", "Labels")):
        if options := options_of(prompt, name):
            yield CheckEntry(label, "", _came_out(name, scores), "options", options)
    offered = "choices" in prompt.checks or "labels" in prompt.checks
    if prompt.target is not None and not offered:
        yield CheckEntry("Expected", prompt.target, _came_out("target", scores))
    yield from (CheckEntry("Also accepted", one) for one in _texts(prompt.checks.get("targets")))
    yield from _instructions(prompt, answer)
    for name, value in prompt.checks.items():
        if name in ("choices", "labels", "targets", "instructions", "code"):
            continue
        form: Form = "code" if name in _CODE else "text"
        told = value if isinstance(value, str) else _told(name, value)
        yield CheckEntry(_NAMES.get(name, name), told, _came_out(name, scores), form)
    yield from _code(prompt, scores)


def options_of(prompt: Prompt, check: str) -> tuple[Option, ...]:
    """The choices (lettered) or labels of a prompt; none where it offers none."""
    texts = _texts(prompt.checks.get(check))
    return tuple(
        Option(lettered(place, text, check), text == prompt.target)
        for place, text in enumerate(texts)
    )


def _texts(value: Json) -> Sequence[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else ()


def _came_out(check: str, scores: Mapping[str, float]) -> bool | None:
    known = [
        value
        for wanted in _SCORED_BY.get(check, ())
        for name, value in scores.items()
        if base_name(name) == wanted and value in (0.0, 1.0)
    ]
    return any(known) if known else None


def _told(name: str, value: Json) -> str:
    if name == "length" and isinstance(value, dict):
        bounds = [
            f"{words} {value[bound]}"
            for bound, words in (("at_least", "at least"), ("at_most", "at most"))
            if bound in value
        ]
        return f"{', '.join(bounds)} {value.get('unit', '')}".strip()
    indent = 2 if name == "json_schema" else None
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _instructions(prompt: Prompt, answer: str | None) -> Iterator[CheckEntry]:
    listed = prompt.checks.get("instructions")
    if not isinstance(listed, list):
        return
    came_out: list[bool] | list[None] = [None] * len(listed)
    if answer is not None:
        try:
            came_out = followed(prompt, answer, loose=False)
        except (UnmeasurableError, HarnessError):  # unknown ids, or a library that is not there
            came_out = [None] * len(listed)
    for one, passed in zip(listed, came_out, strict=True):
        yield CheckEntry("Instruction", _instruction(one), passed)


def _instruction(one: Json) -> str:
    """`length_constraints:number_words` with its demands as “number words: at least 300”."""
    if not isinstance(one, dict):
        return json.dumps(one, ensure_ascii=False)
    name = str(one.get("id", "")).rpartition(":")[2].replace("_", " ")
    # “at least” before the number it is about
    named = sorted(one.items(), key=lambda item: "relation" not in item[0])
    demands = [
        ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in named
        if key != "id"
    ]
    return f"{name}: {' '.join(demands)}" if demands else name


def _code(prompt: Prompt, scores: Mapping[str, float]) -> Iterator[CheckEntry]:
    code = prompt.checks.get("code")
    if not isinstance(code, dict):
        return
    prefix = code.get("prefix")
    if isinstance(prefix, str) and prefix and prefix not in prompt.text:
        yield CheckEntry("Stands before the answer", prefix, None, "code")
    yield CheckEntry("Tests", str(code.get("tests", "")), _came_out("code", scores), "code")
