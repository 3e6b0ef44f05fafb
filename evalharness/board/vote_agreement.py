"""How far metrics agree with votes: on the very outputs voted on, and in their order of models.

A metric agrees with a decisive vote when it prefers the side that the voter preferred; where it
calls both outputs equal it counts half. A half is what a coin would reach.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evalharness.board.columns import MetricColumn
from evalharness.board.leaderboard import Board
from evalharness.board.multiple import holm
from evalharness.board.selection import Selection
from evalharness.board.separated import ALPHA
from evalharness.board.vote_records import LEFT, Votes
from evalharness.board.vote_shares import Share, share_of, votes_to_tell
from evalharness.board.votes import Strengths
from evalharness.metrics.intervals import FEWEST_PROMPTS

if TYPE_CHECKING:
    import duckdb

FEWEST_MODELS = 4
"""Of three models even a perfect order comes about by chance in one case of three."""


BETTER, WORSE = "agrees more often than a coin", "agrees less often than a coin"


@dataclass(frozen=True, slots=True)
class MetricAgreement:
    """One metric against the votes.

    `share` of the decisive votes on outputs that both have a score, whose side it prefers;
    `equal` of them it calls equal, `unscored` decisive votes lack a score. `adjusted` is the p
    value of a half, after Holm over all metrics, and `reading` says what follows. `needed` is how
    many more decisive votes it takes to tell an agreement of 65 % from a half, 0 when that is
    reached. `order` is Kendall's τ-b (−1…1) of the models' means, the better first, with their
    strengths by votes, over `models`; `order_p` its exact p value.
    """

    column: MetricColumn
    share: Share
    equal: int
    unscored: int
    adjusted: float | None
    reading: str
    needed: int
    order: float | None
    order_p: float | None
    models: int


def agreements(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    votes: Votes,
    strengths: Strengths,
    board: Board,
) -> tuple[MetricAgreement, ...]:
    """Every metric of `board`, in its order."""
    on_outputs = [column for column in board.columns if column.level == "output"]
    scores = _scores(connection, votes, [column.metric for column in on_outputs])
    values = {column.metric: scores[at] for at, column in enumerate(on_outputs)}
    found = [
        _agreement(column, values.get(column.metric), selection, votes, strengths, board)
        for column in board.columns
    ]
    p = [math.nan if p is None else p for _, p in found]
    return tuple(
        _read(one, float(q) if math.isfinite(q) else None)
        for (one, _), q in zip(found, holm(p), strict=True)
    )


def preferences(
    left: NDArray[np.float64], right: NDArray[np.float64], column: MetricColumn
) -> NDArray[np.float64]:
    """(n,): 1 where a metric prefers the left output, 0 the right, ½ neither, NaN unscored."""
    better = left - right if column.direction == "higher" else right - left
    preferred: NDArray[np.float64] = (np.sign(better) + 1) / 2
    return preferred


def _agreement(
    column: MetricColumn,
    scores: NDArray[np.float64] | None,
    selection: Selection,
    votes: Votes,
    strengths: Strengths,
    board: Board,
) -> tuple[MetricAgreement, float | None]:
    """A metric's agreement before others are looked at, and the p value of a half."""
    decisive = votes.decisive
    agrees = np.full(0, np.nan)
    places = votes.place[decisive]
    if scores is not None:
        preferred = preferences(scores[votes.left_output], scores[votes.right_output], column)
        agrees = np.where(votes.choice == LEFT, preferred, 1 - preferred)[decisive]
        places = places[np.isfinite(agrees)]
    known = agrees[np.isfinite(agrees)]
    share = share_of(known, places) if len(known) else Share(None, None, None, 0, 0)
    order, order_p, models = _order(column, selection, strengths, board)
    made = MetricAgreement(
        column=column,
        share=share,
        equal=int((known == 0.5).sum()),
        unscored=int(decisive.sum()) - len(known) if scores is not None else 0,
        adjusted=None,
        reading="",
        needed=_needed(share) if scores is not None else 0,
        order=order,
        order_p=order_p,
        models=models,
    )
    return made, _p_of_a_half(known, places) if share.low is not None else None


def _p_of_a_half(agrees: NDArray[np.float64], places: NDArray[np.int64]) -> float | None:
    """A t test over prompts, with the spread that there would be around a half."""
    _, prompt = np.unique(places, return_inverse=True)
    moved = np.bincount(prompt, agrees - 0.5)
    prompts = len(moved)
    error = math.sqrt(prompts / (prompts - 1) * float(np.square(moved).sum()))
    if error == 0:
        return None
    return float(2 * stats.t.sf(abs(float(moved.sum())) / error, prompts - 1))


def _needed(share: Share) -> int:
    """How many more decisive votes tell 65 % from a half, given how alike those of a prompt are."""
    alike = 1.0
    if share.value is not None and share.low is not None and share.high is not None:
        plain = math.sqrt(share.value * (1 - share.value) / share.votes)
        degrees = share.prompts - 1
        reach = (share.high - share.low) / 2 / float(stats.t.ppf(0.975, degrees))
        if plain > 0:
            alike = max(1.0, (reach / plain) ** 2)
    return max(0, math.ceil(alike * votes_to_tell()) - share.votes)


def _order(
    column: MetricColumn, selection: Selection, strengths: Strengths, board: Board
) -> tuple[float | None, float | None, int]:
    """Kendall's τ-b of a metric's order of models with that of the votes, p and models."""
    cells = {(row.model, row.variant): row.cells[column.metric].value for row in board.rows}
    means = [cells[v.model, v.variant] for v in selection.variants]
    value = np.array([math.nan if mean is None else mean for mean in means])
    known = np.isfinite(value) & (strengths.groups == 0) & np.isfinite(strengths.values)
    if not strengths.comparable or known.sum() < FEWEST_MODELS:
        return None, None, int(known.sum())
    better = value if column.direction == "higher" else -value
    found = stats.kendalltau(better[known], strengths.values[known])
    if not math.isfinite(found.statistic):
        return None, None, int(known.sum())
    return float(found.statistic), float(found.pvalue), int(known.sum())


def _read(one: MetricAgreement, adjusted: float | None) -> MetricAgreement:
    share = one.share
    if one.column.level == "set":
        reading = "one number for the whole set: only its order can be compared"
    elif share.value is None:
        reading = "no decisive vote on two outputs it has scored"
    elif share.low is None or adjusted is None:
        reading = f"too few: {share.prompts} of at least {FEWEST_PROMPTS} prompts"
        if share.prompts >= FEWEST_PROMPTS:
            reading = "it calls all of them equal"
    elif adjusted < ALPHA:
        reading = BETTER if share.value > 0.5 else WORSE
    else:
        reading = "not told from a coin"
        if one.needed:
            reading += f": about {one.needed:,} more decisive votes"
    return replace(one, adjusted=adjusted, reading=reading)


def _scores(
    connection: duckdb.DuckDBPyConnection, votes: Votes, metrics: Sequence[str]
) -> NDArray[np.float64]:
    """(M, outputs): the current score of each output voted on; NaN where there is none."""
    found = np.full((len(metrics), len(votes.outputs)), np.nan)
    rows = connection.execute(
        """
        WITH asked AS (
            SELECT unnest($jobs::VARCHAR[]) AS job_key, unnest($takes::BIGINT[]) AS take,
                   unnest($prompts::VARCHAR[]) AS prompt, unnest(range(len($jobs))) AS place
        )
        SELECT list_position($metrics, s.metric) - 1, a.place, s.value
        FROM asked a
        JOIN scores s ON s.job_key = a.job_key AND s.take = a.take AND s.prompt = a.prompt
        JOIN metrics t ON t.metric = s.metric AND t.recipe = s.recipe
        WHERE s.status = 'ok' AND isfinite(s.value) AND list_contains($metrics, s.metric)
        """,
        {
            "jobs": [output.job_key for output in votes.outputs],
            "takes": [output.take for output in votes.outputs],
            "prompts": [output.prompt for output in votes.outputs],
            "metrics": list(metrics),
        },
    ).fetchall()
    for at, place, value in rows:
        found[at, place] = value
    return found
