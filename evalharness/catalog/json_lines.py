"""JSON Lines to plain data: NaN, duplicate fields, half characters and huge lines refused."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

from evalharness.catalog.documents import Document, Place, refused_character
from evalharness.catalog.text_files import read_text
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json

LIMIT_BYTES = 64_000_000


def read_json_lines(path: Path) -> Iterator[tuple[int, Document]]:
    """Every line that is not blank, with its number (from 1); raises BadInputError."""
    for number, line in enumerate(read_text(path, LIMIT_BYTES).split("\n"), start=1):
        if line.strip():
            yield number, _read_line(line, number, str(path))


def _read_line(line: str, number: int, origin: str) -> Document:
    where = f"{origin}, line {number}"
    try:
        data = strict_json(line)
    except json.JSONDecodeError as error:
        raise BadInputError(
            f"{where}, column {error.colno}: this is not valid JSON: {error.msg}. Expected one "
            'object a line, such as {"id": "cat", "text": "a cat"}.'
        ) from None
    except RecursionError:
        raise BadInputError(
            f"{where}: found JSON nested too deeply; expected a flat object."
        ) from None
    except ValueError as error:
        raise BadInputError(f"{where}: {error}.") from None
    document = Document(origin, data, {(): number})
    check_texts(document, data, ())
    return document


def strict_json(text: str) -> Json:
    """Parse JSON; raises ValueError also for NaN, infinity and a field given twice."""
    data: Json = json.loads(
        text,
        parse_constant=_refuse_constant,
        parse_float=_finite,
        object_pairs_hook=_without_doubles,
    )
    return data


def check_texts(document: Document, value: Json, place: Place) -> None:
    """Refuse control characters and half characters in every name and text of `value`."""
    if isinstance(value, str) and (found := refused_character(value)):
        raise document.problem(place, found, "text without control characters")
    if isinstance(value, dict):
        for name, item in value.items():
            check_texts(document, name, (*place, name))
            check_texts(document, item, (*place, name))
    if isinstance(value, list):
        for index, item in enumerate(value):
            check_texts(document, item, (*place, index))


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"found {name}; expected a finite number (JSON has no {name})")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"found {digits[:20]}; expected a finite number")
    return number


def _without_doubles(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"found the field {double!a} twice; expected it once")
    return data
