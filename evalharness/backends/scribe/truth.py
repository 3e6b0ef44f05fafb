"""What the right answer to a prompt is, and of which form.

A prompt's own target says it, or a table of answers: the scribe knows those to the prompts that
come with evalharness and have no target (programs, JSON, instructions, free writing), and learns
more from the file of its option `answers`. Nothing of this reaches other backends.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json, Prompt

Form: TypeAlias = Literal["code", "json", "choice", "label", "instructed", "number", "words"]

KNOWN: Final = Path(__file__).with_name("answers.jsonl")
MOST_WORDS_OF_A_NUMBER: Final = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A table's answers to one prompt; without `wrong` one is made up."""

    right: str
    wrong: str | None = None


def read_answers(file: Path) -> dict[str, Known]:
    """Answers by the text of their prompt; raises BadInputError."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"Cannot read the scribe's answers in {file}: {error}.") from error
    return dict(_row(line, f"{file}:{n}") for n, line in enumerate(lines, 1) if line.strip())


def _row(line: str, place: str) -> tuple[str, Known]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadInputError(f"{place} is no JSON: {error}.") from error
    names = {"text", "right", "wrong"}
    fits = isinstance(row, dict) and {"text", "right"} <= row.keys() <= names
    if not fits or not all(isinstance(value, str) for value in row.values()):
        raise BadInputError(
            f'{place}: found {line[:80]!r}; expected {{"text": prompt, "right": answer}} and, if '
            'need be, "wrong".'
        )
    return row["text"], Known(row["right"], row.get("wrong"))


def digest_of(file: Path) -> str:
    """SHA-256 of a file of answers; raises BadInputError."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise BadInputError(f"Cannot read the scribe's answers in {file}: {error}.") from error


def form_of(prompt: Prompt) -> Form:
    """What kind of answer a prompt asks for."""
    checks = prompt.checks
    if isinstance(checks.get("code"), dict):
        return "code"
    if checks.get("json_schema") is not None:
        return "json"
    if prompt.target is None:
        return "instructed" if instructions_of(prompt) else "words"
    if checks.get("choices"):
        return "choice"
    if checks.get("labels"):
        return "label"
    few = len(prompt.target.split()) <= MOST_WORDS_OF_A_NUMBER
    return "number" if few and re.search(r"\d", prompt.target) else "words"


def right_answer(prompt: Prompt, table: Mapping[str, Known]) -> str | None:
    """The right answer: the table's, a choice's letter, the target; None where none is known."""
    if prompt.text in table:
        return table[prompt.text].right
    choices = texts_of(prompt, "choices")
    if prompt.target in choices:
        return letter(choices.index(prompt.target))
    return prompt.target if prompt.target is not None else next(iter(accepted(prompt)), None)


def letter(place: int) -> str:
    """The letter that a prompt shows for a choice (from 0)."""
    return chr(ord("A") + place)


def accepted(prompt: Prompt) -> list[str]:
    """Every answer that a prompt accepts."""
    return [*([] if prompt.target is None else [prompt.target]), *texts_of(prompt, "targets")]


def texts_of(prompt: Prompt, check: str) -> list[str]:
    """A check that is a list of texts; empty where it is not."""
    found = prompt.checks.get(check)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def instructions_of(prompt: Prompt) -> list[dict[str, Json]]:
    """The instructions of a prompt, each a mapping with its `id`."""
    found = prompt.checks.get("instructions")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def entry_point(prompt: Prompt) -> str:
    """The name that a program has to define."""
    code = prompt.checks["code"]
    return str(code["entry_point"]) if isinstance(code, dict) else ""
