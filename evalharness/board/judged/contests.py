"""The answers that a judge is to hold against each other: of every two sides, prompt by prompt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.selection import FIRST_ARTIFACT, Selection
from evalharness.core.judging import Asked, Place
from evalharness.core.keys import exchange_subject, text_subject

if TYPE_CHECKING:
    import duckdb

NOT_JUDGED = "not judged"
"""Why a contest that no judge was asked about has no verdict."""
PLACES: tuple[Place, Place] = ("first", "second")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as a judge is told it; `pictures` it does not see."""

    text: str
    target: str | None
    rubric: str | None
    pictures: int


@dataclass(frozen=True, slots=True)
class Contest:
    """Two sides' answers to one prompt with one seed.

    `first` and `second` number the selection's variants, `place` the prompt. `digests` are the
    answers' `text_subject`. The judge is shown the answers in both orders; which of them the
    question is about does not hang on who was named first, so that a contest is judged once however
    often it is asked about.
    """

    first: int
    second: int
    place: int
    seed: int
    takes: tuple[int, int]
    question: Question
    answers: tuple[str, str]
    digests: tuple[str, str]

    @property
    def identical(self) -> bool:
        """Whether there is nothing to judge."""
        return self.digests[0] == self.digests[1]

    @property
    def swapped(self) -> bool:
        """Whether the judge is asked about the second answer, the first being its rival."""
        return self.digests[0] > self.digests[1]

    def asked(self) -> tuple[str, tuple[str, str]]:
        """The answer looked at, and what is asked of it in the two orders: with the first variant's
        answer shown first, and with the second's.
        """
        answer, rival = self.answers[::-1] if self.swapped else self.answers
        q, places = self.question, PLACES[::-1] if self.swapped else PLACES
        one, other = (Asked(q.text, q.target, q.rubric, rival, place).written() for place in places)
        return answer, (one, other)

    def subjects(self) -> tuple[str, str]:
        """The exchanges that a judge sees in the two orders, as the subjects of features."""
        looked_at = min(self.digests)
        _, (one, other) = self.asked()
        return exchange_subject(looked_at, one), exchange_subject(looked_at, other)


def of_first(contests: Sequence[Contest], found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Verdicts on the answers looked at (n, 2), by order, as verdicts on the first variant's."""
    swapped = np.array([one.swapped for one in contests], np.bool_)
    return np.where(swapped[:, None], 1.0 - found, found)


@dataclass(frozen=True, slots=True)
class Contests:
    """All contests between a selection's variants.

    `alone` counts by pair of variants the prompts × seeds that only one of the two answered with
    text.
    """

    found: tuple[Contest, ...]
    alone: Mapping[tuple[int, int], int]


def read_contests(connection: duckdb.DuckDBPyConnection, selection: Selection) -> Contests:
    """Every two text answers that count, to the same prompt with the same seed."""
    rows = connection.execute(
        selection.placed()
        + f"""
        SELECT p.place, p.seed, p.variant, f.text, p.take, q.text, q.target, q.checks, q.inputs
        FROM placed p {FIRST_ARTIFACT}
        JOIN artifacts f ON f.sha256 = a.sha256
        JOIN prompts q ON q.suite = $suite AND q.prompt_id = p.prompt_id
        WHERE p.status = 'ok' AND f.kind = 'text' AND f.text IS NOT NULL
        ORDER BY p.place, p.seed, p.variant
        """,
        selection.parameters,
    ).fetchall()
    questions: dict[int, Question] = {}
    answers: dict[tuple[int, int], dict[int, tuple[str, str, int]]] = {}
    for place, seed, variant, answer, take, *asked in rows:
        if place not in questions:
            questions[place] = _question(*asked)
        answers.setdefault((place, seed), {})[variant] = answer, text_subject(answer), take
    found: list[Contest] = []
    alone: dict[tuple[int, int], int] = {}
    for first, second in combinations(range(len(selection.variants)), 2):
        for (place, seed), by in answers.items():
            if first in by and second in by:
                (one, of_one, take), (other, of_other, other_take) = by[first], by[second]
                both, digests, takes = (one, other), (of_one, of_other), (take, other_take)
                question = questions[place]
                found.append(Contest(first, second, place, seed, takes, question, both, digests))
            elif first in by or second in by:
                alone[first, second] = alone.get((first, second), 0) + 1
    return Contests(tuple(found), alone)


def _question(text: str, target: str | None, checks: str, inputs: str | None) -> Question:
    rubric = json.loads(checks).get("rubric")
    pictures: Sequence[str] = json.loads(inputs).get("images", ()) if inputs else ()
    return Question(text, target, rubric if isinstance(rubric, str) else None, len(pictures))
