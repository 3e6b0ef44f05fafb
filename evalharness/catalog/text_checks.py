"""What prompts for text models may ask to be checked, and how each check is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeGuard

import regex

from evalharness.core.nouns import Json


def refuse_wrong_checks(checks: Mapping[str, Json], target: str | None) -> None:
    """Raise ValueError with what was expected, where a check of a text answer is no such check."""
    for name, (fits, expected) in _SHAPES.items():
        if name in checks and not fits(checks[name]):
            raise ValueError(f"{expected} in checks.{name}")
    for name in ("choices", "labels"):
        offered = checks.get(name)
        if isinstance(offered, list) and target is not None and target not in offered:
            raise ValueError(f"a target that is one of checks.{name}")


def _texts(value: Json) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, str) and each.strip() for each in value)
    )


def _offer(value: Json) -> bool:
    return _texts(value) and len(value) >= 2 and len(set(value)) == len(value)


def _words(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _pattern(value: Json) -> bool:
    if not isinstance(value, str):
        return False
    try:
        regex.compile(value)
    except regex.error:
        return False
    return True


def _instructions(value: Json) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and _words(each.get("id")) for each in value)
    )


def _language(value: Json) -> bool:
    return isinstance(value, str) and regex.fullmatch("[a-z]{2}", value) is not None


def _code(value: Json) -> bool:
    return (
        isinstance(value, dict)
        and {"tests", "entry_point"} <= value.keys() <= {"tests", "entry_point", "prefix"}
        and all(isinstance(each, str) for each in value.values())
        and _words(value["tests"])
        and str(value["entry_point"]).isidentifier()
    )


def _length(value: Json) -> bool:
    """A unit, and a bound or two: whole numbers from 0 on, the lower not above the upper."""
    if not isinstance(value, dict) or value.get("unit") not in ("words", "characters"):
        return False
    bounds = [value[name] for name in ("at_least", "at_most") if name in value]
    numbers = [one for one in bounds if type(one) is int and one >= 0]
    known = value.keys() <= {"unit", "at_least", "at_most"}
    return known and bool(numbers) and len(numbers) == len(bounds) and numbers == sorted(numbers)


_SHAPES: dict[str, tuple[Callable[[Json], bool], str]] = {
    "targets": (_texts, "a list of further accepted answers"),
    "choices": (_offer, "a list of 2 or more different texts"),
    "labels": (_offer, "a list of 2 or more different texts"),
    "pattern": (_pattern, "a regular expression"),
    "instructions": (_instructions, 'a list of mappings such as {"id": "punctuation:no_comma"}'),
    "json_schema": (lambda value: isinstance(value, dict | bool), "a JSON Schema"),
    "language": (_language, "a language as two letters, such as de,"),
    "code": (_code, "tests (Python), entry_point (a name) and, if need be, prefix"),
    "rubric": (_words, "words for a judge"),
    "rival": (_words, "an answer that others are held against"),
    "length": (_length, 'a mapping such as {"unit": "words", "at_least": 40, "at_most": 60}'),
}
