"""What judges have said of two sides already, whichever judges those were: read, never asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.answers.seen import MOST_WORDS
from evalharness.board.compare.prompt_differences import PromptDifference
from evalharness.board.compare.sides import Side, place_sides
from evalharness.board.judged.contested import Contested
from evalharness.board.judged.contests import NOT_JUDGED, Contest, of_first, read_contests
from evalharness.board.judged.judgement import Floats, Judge, Judgement, judgement, score_of
from evalharness.board.suite_prompts import suite_prompts
from evalharness.board.suites import SuiteEntry

if TYPE_CHECKING:
    import duckdb

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
    lost: bool = False
    """Whether no word came, so that it would be asked again."""


UNASKED = Order(None, "", NOT_JUDGED, lost=True)


@dataclass(frozen=True, slots=True)
class Heard:
    """A judge on one contest: with the first side's answer shown first, and with the second's."""

    judge: Judge
    orders: tuple[Order, Order]


@dataclass(frozen=True, slots=True)
class Stored:
    """A judge on all contests of two or more sides.

    `scores` (n,) are the contests' for the first variant's answer: 1, ½, 0 or NaN (unscored).
    `open` counts contests that it would be asked about if it were asked again. `newest` is False
    where a judge of its name with other weights, or of another version, spoke later of anything:
    that one would be asked now.
    """

    judgement: Judgement
    scores: Floats
    open: int
    newest: bool


def stored_judgements(connection: duckdb.DuckDBPyConnection, of: Contested) -> tuple[Stored, ...]:
    """Every judge that said anything of the contests, by its name.

    What it was not asked about is unscored.
    """
    contests = of.contests.found
    subjects = [() if one.identical else one.subjects() for one in contests]
    said = _said(connection, (one for both in subjects for one in both), words=False)
    newest = _newest(connection, {judge[0] for judge in said})
    return tuple(
        _stored(of, subjects, judge, orders, newest=judge in newest)
        for judge, orders in said.items()
    )


def _stored(
    of: Contested,
    subjects: Sequence[Sequence[str]],
    judge: Judge,
    orders: Mapping[str, Order],
    *,
    newest: bool,
) -> Stored:
    contests = of.contests.found
    verdicts, reasons, lost = np.full((len(contests), 2), np.nan), [], 0
    for row, both in enumerate(subjects):
        told = [orders.get(subject, UNASKED) for subject in both]
        reasons.append(next((one.problem for one in told if one.verdict is None), ""))
        lost += any(one.lost for one in told)
        if told and not reasons[-1]:
            verdicts[row] = [one.verdict for one in told]
    turned = of_first(contests, verdicts)
    scores = np.array([score_of(one, both) for one, both in zip(contests, turned, strict=True)])
    found = judgement(of, turned, reasons, judge=judge)
    return Stored(found, scores, lost, newest)


def judged_prompts(
    connection: duckdb.DuckDBPyConnection, of: Contested, scores: Floats
) -> tuple[PromptDifference, ...]:
    """How often the answers to each prompt were judged better; the smallest difference first.

    Of two sides: `scores` are as `Stored` has them, and the first side stands as `second`, so that
    what is judged better for it has a difference above 0. Prompts without a verdict are left out.
    """
    prompts = suite_prompts(connection, of.selection)
    by_place: dict[int, list[float]] = {}
    for one, score in zip(of.contests.found, scores, strict=True):
        if np.isfinite(score):
            by_place.setdefault(one.place, []).append(float(score))
    better = {place: fmean(found) for place, found in by_place.items()}
    return tuple(
        PromptDifference(
            prompts[place].id,
            prompts[place].text,
            first=1.0 - better[place],
            second=better[place],
            difference=2.0 * better[place] - 1.0,
        )
        for place in sorted(better, key=lambda one: (better[one], one))
    )


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
        Heard(judge, (_of_first(contest, one), _of_first(contest, other)))
        for judge, orders in _said(connection, subjects, words=True).items()
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
               {"f.text" if words else "NULL"}, f.reason, f.status <> 'ok'
        FROM features f JOIN wanted w ON w.subject = f.subject
        WHERE f.kind = 'exchange'
        ORDER BY f.instrument, f.weights, f.version, f.made_at
        """,
        {"subjects": list(subjects)},
    ).fetchall()
    found: dict[Judge, dict[str, Order]] = {}
    for instrument, weights, version, subject, scalar, text, reason, lost in rows:
        problem = "" if scalar is not None else reason or NO_VERDICT
        order = Order(scalar, (text or "")[:MOST_WORDS], problem, lost)
        found.setdefault((instrument, weights, version), {})[subject] = order
    return found


def _newest(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> set[Judge]:
    """Of each judge's name the weights and the version that spoke last, whatever about."""
    rows = connection.execute(
        """
        SELECT instrument, weights, version FROM features
        WHERE kind = 'exchange' AND list_contains($names::VARCHAR[], instrument)
        QUALIFY row_number() OVER (
            PARTITION BY instrument ORDER BY made_at DESC, version DESC, weights
        ) = 1
        """,
        {"names": list(names)},
    ).fetchall()
    return {(instrument, weights, version) for instrument, weights, version in rows}
