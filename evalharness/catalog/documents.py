"""What was read from a user's file, and complaints that point at the line and the field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

Place: TypeAlias = tuple[str | int, ...]
"""Where in a document: `("prompts", 3, "text")`; the empty tuple is the whole."""

Form = TypeVar("Form", bound=BaseModel)

_SHOWN_PROBLEMS = 5
_SHOWN_CHARACTERS = 60
# Everything that moves a cursor, rings a bell or starts an escape sequence; tab and newline may be.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class WrongFieldError(ValueError):
    """What a validator of a form raises where one of the form's fields is to blame.

    `place` starts from the form; `found` is in words, told from the data where None.
    """

    def __init__(self, place: Place, expected: str, found: str | None = None) -> None:
        """Say what was expected of the field at `place`."""
        super().__init__(expected)
        self.place = place
        self.found = found


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data with the line (from 1) of each place that has one.

    `pictures` are the bytes that a file carries in some columns of a row, `labels` the names of the
    numbers (from 0) in others.
    """

    origin: str
    data: Json
    lines: Mapping[Place, int] = field(default_factory=dict)
    pictures: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def problem(self, place: Place, found: str, expected: str) -> BadInputError:
        """The error for one place: file, line, field, what was found, what was expected."""
        return BadInputError(self._sentence(place, found, expected))

    def read_as(self, form: type[Form], place: Place = ()) -> Form:
        """What stands at `place` as a `form`; raises BadInputError naming every problem."""
        try:
            return form.model_validate(self.at(place))
        except ValidationError as error:
            raise BadInputError(self._explain(error.errors(), place)) from None

    def at(self, place: Place) -> Json:
        """The data at a place; None where there is none."""
        here = self.data
        for step in place:
            if isinstance(here, dict) and isinstance(step, str):
                here = here.get(step)
            elif isinstance(here, list) and isinstance(step, int) and step < len(here):
                here = here[step]
            else:
                return None
        return here

    def _line(self, place: Place) -> int | None:
        """The line of `place`, or of the nearest place around it."""
        around = (place[:length] for length in range(len(place), -1, -1))
        return next((self.lines[near] for near in around if near in self.lines), None)

    def where(self, place: Place) -> str:
        """A place for a person: file, line and field, as far as they are known."""
        words = [self.origin]
        if (line := self._line(place)) is not None:
            words.append(f"line {line}")
        if place:
            words.append(f"field {spell(place)}")
        return ", ".join(words)

    def _sentence(self, place: Place, found: str, expected: str) -> str:
        return f"{self.where(place)}: found {found}; expected {expected}."

    def _explain(self, errors: Sequence[ErrorDetails], start: Place) -> str:
        """One sentence a place, alternatives of one place joined by "or"."""
        places: dict[Place, tuple[str, list[str]]] = {}
        for error in errors:
            missing = error["type"] == "missing"
            place = self._field((*start, *error["loc"]), missing)
            blamed = error.get("ctx", {}).get("error")
            found = "nothing" if missing else None
            if isinstance(blamed, WrongFieldError):
                place, found = (*place, *blamed.place), blamed.found
            found = found or describe(self.at(place))
            _, expected = places.setdefault(place, (found, []))
            if (words := _expectation(error)) not in expected:
                expected.append(words)
        sentences = [
            self._sentence(place, found, " or ".join(expected))
            for place, (found, expected) in places.items()
            if not any(_inside(other, place) for other in places)
        ]
        left_out = len(sentences) - _SHOWN_PROBLEMS
        more = [f"… and {left_out} more."] if left_out > 0 else []
        return "\n".join(sentences[:_SHOWN_PROBLEMS] + more)

    def _field(self, location: Place, missing: bool) -> Place:
        """The place in this document that a pydantic location means.

        pydantic adds steps for the members of a union ("int", "list[int]"); they are no fields.
        The last step of a missing field is one, though it is not in the data.
        """
        place: Place = ()
        for position, step in enumerate(location):
            here = self.at(place)
            known = (isinstance(here, list) and isinstance(step, int)) or (
                isinstance(here, dict) and step in here
            )
            if known or (missing and position == len(location) - 1):
                place = (*place, step)
        return place


def _inside(place: Place, other: Place) -> bool:
    """Whether a place lies within another: of a union's members, the nearest problem counts."""
    return len(place) > len(other) and place[: len(other)] == other


def spell(place: Place) -> str:
    """A place as people write it: `prompts[3].text`."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in place]
    return ascii_safe("".join(steps).removeprefix("."))


def describe(value: Json) -> str:
    """A value briefly, with its kind, safe to print."""
    if isinstance(value, str):
        shown = ascii_safe(value[:_SHOWN_CHARACTERS])
        long = len(value) > _SHOWN_CHARACTERS
        return f"'{shown}…' ({len(value):,} characters)" if long else f"'{shown}'"
    if isinstance(value, bool):
        return f"{str(value).lower()} (a yes/no value)"
    if isinstance(value, int | float):
        return f"{value!r:.40} (a number)"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"a mapping with {', '.join(map(ascii_safe, list(value)[:6])) or 'no fields'}"
    return "nothing"


def ascii_safe(text: str) -> str:
    """`text` with control characters and lone surrogates escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def refused_character(text: str) -> str | None:
    """Name the first character that no text may hold: a control or half a surrogate pair."""
    if found := _SURROGATE.search(text):
        return f"half of a surrogate pair, U+{ord(found[0]):04X}, at character {found.start() + 1}"
    if found := _CONTROL.search(text):
        return f"the control character U+{ord(found[0]):04X} at character {found.start() + 1}"
    return None


_EXPECTATIONS = {
    "missing": "this field, which is required",
    "extra_forbidden": "no such field (the JSON Schemas in suites/schema list those there are)",
    "string_type": "text (in quotes, if it looks like a number)",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "list_type": "a list",
    "dict_type": "a mapping of fields",
    "model_type": "a mapping of fields",
    "string_pattern_mismatch": "1 to 100 letters, digits and . _ + @ -, the first no sign",
}


def _expectation(error: ErrorDetails) -> str:
    """What pydantic expected, in this project's words."""
    known = _EXPECTATIONS.get(error["type"])
    if known is not None:
        return known
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return re.sub(r"^(Input|Value|String|List) should (be |have )?", "", error["msg"])
