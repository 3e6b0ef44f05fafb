"""What instruments made of a text answer: its program's run, and what judges said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from evalharness.core.keys import exchange_subject, text_subject
from evalharness.core.nouns import Prompt
from evalharness.metrics.code_passed import asked_of
from evalharness.metrics.judge.asking import comparing, grading

if TYPE_CHECKING:
    import duckdb

MOST_WORDS = 4_000
"""Characters of a program's output, or of a judge's words, that are told."""

Question: TypeAlias = Literal["grade", "against the rival, first", "against the rival, second"]


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A program put to its prompt's tests; `status` and the rest are `extractors.code`'s."""

    instrument: str
    passed: bool
    status: str
    message: str
    seconds: float
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge said. `value` is a grade of 10, or 1, ½ or 0 against the rival; None if none.

    `problem` says why it could not be asked.
    """

    instrument: str
    question: Question
    value: float | None
    said: str
    problem: str


def seen_of(
    connection: duckdb.DuckDBPyConnection, prompt: Prompt, answer: str
) -> tuple[tuple[ProgramRun, ...], tuple[Judgement, ...]]:
    """What is stored about a whole answer to a prompt, by instrument."""
    asked: dict[str, Question] = {}
    asked |= dict.fromkeys(_subjects(answer, grading(prompt)), "grade")
    places: tuple[Question, ...] = ("against the rival, first", "against the rival, second")
    asked |= dict(zip(_subjects(answer, comparing(prompt)), places, strict=False))
    programs = _subjects(answer, asked_of(prompt))
    rows = connection.execute(
        """
        SELECT subject, instrument, status, reason, scalar, text, detail FROM features
        WHERE kind = 'exchange' AND list_contains($subjects, subject)
        ORDER BY instrument, made_at
        """,
        {"subjects": [*asked, *programs]},
    ).fetchall()
    runs: dict[str, ProgramRun] = {}
    judged: dict[tuple[str, str], Judgement] = {}
    for subject, instrument, status, reason, scalar, text, detail in rows:
        if subject in asked:
            problem = "" if status == "ok" else reason
            said = (text or "")[:MOST_WORDS]
            one = Judgement(instrument, asked[subject], scalar, said, problem)
            judged[instrument, one.question] = one
        elif detail:
            runs[instrument] = _run(instrument, scalar, json.loads(detail))
    return tuple(runs.values()), tuple(judged.values())


def _subjects(answer: str, asked: tuple[str, ...]) -> list[str]:
    return [exchange_subject(text_subject(answer), one) for one in asked]


def _run(instrument: str, scalar: float | None, detail: Mapping[str, object]) -> ProgramRun:
    words = {
        name: str(detail.get(name, ""))[:MOST_WORDS]
        for name in ("status", "message", "stdout", "stderr")
    }
    seconds = detail.get("seconds", 0.0)
    return ProgramRun(
        instrument,
        scalar == 1.0,
        seconds=float(seconds) if isinstance(seconds, int | float) else 0.0,
        **words,
    )
