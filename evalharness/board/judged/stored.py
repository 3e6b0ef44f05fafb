"""What judges have said of two sides already, whichever judges those were: read, never asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from evalharness.board.answers.seen import MOST_WORDS
from evalharness.board.compare.sides import Side, place_sides
from evalharness.board.judged.contested import Contested
from evalharness.board.judged.contests import NOT_JUDGED, Contest, of_first, read_contests
from evalharness.board.judged.judgement import Judgement, judgement
from evalharness.board.suites import SuiteEntry

if TYPE_CHECKING:
    import duckdb

Judge: TypeAlias = tuple[str, str, int]
"""An instrument's name, its weights and its version."""
NO_VERDICT = "it gave no verdict"


@dataclass(frozen=True, slots=True)
class Order:
    """What a judge said of two answers shown in one order.

    `verdict` is 1, ½ or 0 for the first side's answer, None where there is none, and `problem` says
    why. `words` are the beginning of what it said.
    """

    verdict: float | None
    words: str
    problem: str


UNASKED = Order(None, "", NOT_JUDGED)


@dataclass(frozen=True, slots=True)
class Heard:
    """A judge on one contest: with the first side's answer shown first, and with the second's."""

    judge: str
    weights: str
    orders: tuple[Order, Order]


def stored_judgements(
    connection: duckdb.DuckDBPyConnection, of: Contested
) -> tuple[Judgement, ...]:
    """The judgement of every judge that said anything of the contests, by their names.

    What it was not asked about is unscored.
    """
    contests = of.contests.found
    subjects = [() if one.identical else one.subjects() for one in contests]
    said = _said(connection, (one for both in subjects for one in both), words=False)
    return tuple(_judgement(of, subjects, judge, orders) for judge, orders in said.items())


def _judgement(
    of: Contested, subjects: Sequence[Sequence[str]], judge: Judge, orders: Mapping[str, Order]
) -> Judgement:
    verdicts, reasons = np.full((len(subjects), 2), np.nan), []
    for row, both in enumerate(subjects):
        told = [orders.get(subject, UNASKED) for subject in both]
        reasons.append(next((one.problem for one in told if one.verdict is None), ""))
        if told and not reasons[-1]:
            verdicts[row] = [one.verdict for one in told]
    turned = of_first(of.contests.found, verdicts)
    return judgement(of, turned, reasons, judge=judge[0], weights=judge[1])


def heard_on(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    sides: tuple[Side, Side],
    prompt_id: str,
    seed: int,
) -> tuple[Heard, ...]:
    """Every judge that said anything of two sides' answers to a prompt with a seed, by its name."""
    selection = replace(place_sides(connection, entry, sides, {}), kept=(prompt_id,))
    found = (one for one in read_contests(connection, selection).found if one.seed == seed)
    contest = next(found, None)
    if contest is None or contest.identical:
        return ()
    subjects = contest.subjects()
    return tuple(
        Heard(judge, weights, (_of_first(contest, one), _of_first(contest, other)))
        for (judge, weights, _), orders in _said(connection, subjects, words=True).items()
        for one, other in [[orders.get(subject, UNASKED) for subject in subjects]]
    )


def _of_first(contest: Contest, said: Order) -> Order:
    """A verdict on the answer looked at, as one on the first side's."""
    if said.verdict is None or not contest.swapped:
        return said
    return replace(said, verdict=1.0 - said.verdict)


def _said(
    connection: duckdb.DuckDBPyConnection, subjects: Iterable[str], *, words: bool
) -> dict[Judge, dict[str, Order]]:
    """What judges said of exchanges (their subjects), of the answer looked at."""
    rows = connection.execute(
        f"""
        WITH wanted AS (SELECT DISTINCT unnest($subjects::VARCHAR[]) AS subject)
        SELECT f.instrument, f.weights, f.version, f.subject, f.scalar,
               {"f.text" if words else "NULL"}, f.reason
        FROM features f JOIN wanted w ON w.subject = f.subject
        WHERE f.kind = 'exchange'
        ORDER BY f.instrument, f.weights, f.version, f.made_at
        """,
        {"subjects": list(subjects)},
    ).fetchall()
    found: dict[Judge, dict[str, Order]] = {}
    for instrument, weights, version, subject, scalar, text, reason in rows:
        problem = "" if scalar is not None else reason or NO_VERDICT
        order = Order(scalar, (text or "")[:MOST_WORDS], problem)
        found.setdefault((instrument, weights, version), {})[subject] = order
    return found
