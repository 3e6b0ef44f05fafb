"""Which prompts of a gallery are shown, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalharness.board.columns import MetricColumn
from evalharness.board.prompt_scores import prompt_scores
from evalharness.board.selection import Selection
from evalharness.board.statistics import mean_of_known

if TYPE_CHECKING:
    import duckdb

Order: TypeAlias = Literal["suite", "apart", "best", "worst", "troubles"]
ORDERS: tuple[Order, ...] = ("suite", "apart", "best", "worst", "troubles")
"""As the suite has them; where the shown models differ most by a metric; where they do best, or
worst, by it; where most outputs are not ok."""

_OF_SEED = "m.seed = coalesce($seed, m.seed)"


@dataclass(frozen=True, slots=True)
class Sift:
    """What somebody looks for. `search` is a part of a prompt's text or id, whatever its case.

    `status` keeps prompts with an output of that status. `low` and `high` keep those on which some
    shown model's mean by `metric` lies between them; orders by a metric need one, too, and prompts
    without a number come last. `of` names the one shown model whose best and worst are meant, all
    if it is empty or not shown.
    """

    order: Order = "suite"
    metric: MetricColumn | None = None
    search: str = ""
    status: str = ""
    low: float | None = None
    high: float | None = None
    of: str = ""


def sifted(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    prompts: Sequence[tuple[str, str]],
    sift: Sift,
    seed: int | None = None,
) -> list[tuple[str, str]]:
    """The (id, text) of those prompts that are meant, in the order that is meant.

    Only outputs with `seed` speak for a prompt, if one is given.
    """
    found = list(prompts)
    if sift.search:
        words = sift.search.casefold()
        found = [(i, t) for i, t in found if words in t.casefold() or words in i.casefold()]
    if sift.status:
        held = _with_status(connection, selection, sift.status, seed)
        found = [(i, t) for i, t in found if i in held]
    ranged = sift.low is not None or sift.high is not None
    if sift.metric is not None and (ranged or sift.order in ("apart", "best", "worst")):
        return _by_metric(connection, selection, found, sift, sift.metric, seed)
    if sift.order == "troubles":
        counts = _troubles(connection, selection, seed)
        found.sort(key=lambda one: -counts.get(one[0], 0))
    return found


def _with_status(
    connection: duckdb.DuckDBPyConnection, selection: Selection, status: str, seed: int | None
) -> set[str]:
    rows = connection.execute(
        selection.placed(_OF_SEED) + "SELECT DISTINCT prompt_id FROM placed WHERE status = $status",
        selection.parameters | {"status": status, "seed": seed},
    ).fetchall()
    return {name for (name,) in rows}


def _troubles(
    connection: duckdb.DuckDBPyConnection, selection: Selection, seed: int | None
) -> dict[str, int]:
    rows = connection.execute(
        selection.placed(_OF_SEED)
        + "SELECT prompt_id, count(*) FROM placed WHERE status <> 'ok' GROUP BY prompt_id",
        selection.parameters | {"seed": seed},
    ).fetchall()
    return dict(rows)


def _by_metric(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    prompts: Sequence[tuple[str, str]],
    sift: Sift,
    column: MetricColumn,
    seed: int | None,
) -> list[tuple[str, str]]:
    scores = prompt_scores(connection, selection, [column.metric], seed)[column.metric]
    places = {name: place for place, name in enumerate(scores.prompts)}
    means = np.full((len(selection.variants), len(prompts)), np.nan)
    for at, (name, _) in enumerate(prompts):
        if name in places:
            means[:, at] = scores.means[:, places[name]]
    kept = np.arange(len(prompts))
    if sift.low is not None or sift.high is not None:
        low = -np.inf if sift.low is None else sift.low
        high = np.inf if sift.high is None else sift.high
        kept = kept[((means >= low) & (means <= high)).any(axis=0)]
    own = [v for v, variant in enumerate(selection.variants) if variant.model == sift.of]
    told = means[own] if own and sift.order != "apart" else means
    keys = _keys(told[:, kept], sift.order, column)
    if keys is not None:
        kept = kept[np.argsort(keys, kind="stable")]  # NaN stands last
    return [prompts[int(at)] for at in kept]


def _keys(
    means: NDArray[np.float64], order: Order, column: MetricColumn
) -> NDArray[np.float64] | None:
    """What (V, P) means are sorted by, ascending; None for the suite's own order."""
    if order == "apart":
        has = np.isfinite(means)
        most = np.where(has, means, -np.inf).max(axis=0, initial=-np.inf)
        least = np.where(has, means, np.inf).min(axis=0, initial=np.inf)
        return np.where(has.sum(axis=0) > 1, least - most, np.nan)
    if order not in ("best", "worst"):
        return None
    whole = mean_of_known(means, axis=0)
    return -whole if (column.direction == "higher") == (order == "best") else whole
