"""What prompts for text models may ask to be checked, and how each check is written."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any, TypeGuard

import regex

from evalharness.catalog import registry
from evalharness.catalog.documents import WrongFieldError, ascii_safe
from evalharness.core.nouns import Json

_SHOWN = 100
_INSTRUCTIONS = "evalharness.metrics.text.instruction_checks:CHECKS"
"""Loaded, as jsonschema is, only for prompts that have such a check: each takes a while."""
_ALIKE = 0.75
"""How alike two names are (difflib's ratio) of which one is the other misspelt."""
_OF_PICTURES = ("colour", "lettering", "meaning", "object", "questions", "style", "styles")
"""Checks of pictures, which may be misspelt too."""


def refuse_wrong_checks(checks: Mapping[str, Json], target: str | None) -> None:
    """Raise WrongFieldError where a check of a text answer is no such check.

    Names of nobody here are left to other people's metrics, unless they look misspelt.
    """
    for name, value in checks.items():
        if name not in _SHAPES:
            _refuse_misspelt(name)
            continue
        fits, expected = _SHAPES[name]
        if not fits(value):
            raise WrongFieldError(("checks", name), expected, shown(value))
        if name in _CLOSER:
            _CLOSER[name](value)
    for name in ("choices", "labels"):
        offered = checks.get(name)
        if isinstance(offered, list) and target is not None and target not in offered:
            expected = f"a target that is one of checks.{name}, which are {shown(offered)}"
            raise WrongFieldError(("target",), expected)


def shown(value: Json) -> str:
    """A value as JSON has it, cut after some characters and safe to print."""
    written = ascii_safe(json.dumps(value, ensure_ascii=False))
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def _refuse_misspelt(name: str) -> None:
    known = (*_SHAPES, *_OF_PICTURES)
    near = get_close_matches(name, known, n=1, cutoff=_ALIKE)
    if near and name not in known:
        expected = f"another name: did you mean {near[0]!r}? (A check of your own needs a name "
        raise WrongFieldError(("checks", name), f"{expected}less like that)", "an unknown check")


def _refuse_unknown_instructions(value: Json) -> None:
    known_ids: Mapping[str, object] = registry.load(_INSTRUCTIONS)
    for index, item in enumerate(value if isinstance(value, list) else []):
        name = item.get("id") if isinstance(item, dict) else None
        if isinstance(name, str) and name not in known_ids:
            near = get_close_matches(name, known_ids, n=1)
            known = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(known_ids)}"
            place = ("checks", "instructions", index, "id")
            raise WrongFieldError(place, f"the id of an instruction of IFEval: {known}")


def _refuse_no_schema(value: Json) -> None:
    jsonschema: Any = import_module("jsonschema")
    kind = jsonschema.validators.validator_for(value, jsonschema.Draft202012Validator)
    try:
        kind.check_schema(value)
    except jsonschema.SchemaError as error:
        place = ("checks", "json_schema", *error.absolute_path)
        reason = ascii_safe(error.message[:_SHOWN])
        raise WrongFieldError(place, f"a JSON Schema ({reason})") from None
    except RecursionError:
        raise WrongFieldError(("checks", "json_schema"), "a schema nested less deeply") from None


def _refuse_no_python(value: Json) -> None:
    tests = value["tests"] if isinstance(value, dict) else ""
    place = ("checks", "code", "tests")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes: they are no errors
            ast.parse(str(tests))
    except SyntaxError as error:
        line = (error.text or "").strip()[:_SHOWN]
        found = f"{ascii_safe(line)!r} in line {error.lineno} of them ({error.msg})"
        raise WrongFieldError(place, "tests that are Python", found) from None
    except (ValueError, RecursionError, MemoryError):
        raise WrongFieldError(place, "tests that are Python, nested less deeply") from None


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
    "language": (_language, "a language as two letters, such as de"),
    "code": (_code, "tests (Python), entry_point (a name) and, if need be, prefix"),
    "rubric": (_words, "words for a judge"),
    "rival": (_words, "an answer that others are held against"),
    "length": (_length, 'a mapping such as {"unit": "words", "at_least": 40, "at_most": 60}'),
}

_CLOSER: dict[str, Callable[[Json], None]] = {
    "instructions": _refuse_unknown_instructions,
    "json_schema": _refuse_no_schema,
    "code": _refuse_no_python,
}
"""Looks at what has the shape of a check; they raise WrongFieldError."""
