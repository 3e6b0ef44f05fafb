"""Several metrics as one number, in a unit that never changes: standard deviations within prompts.

Metrics have different units, so raw ones are never averaged. Each is divided by its spread within
prompts: the standard deviation of models' answers to one prompt, pooled over prompts. Were that
taken over the models at hand, taking one out (or adding one) would weigh the metrics anew and
reorder the others. So it is frozen: it comes from the *founders* of the suite in this store (the
models of its first runs, as many runs as it takes for three) and from what was first made and
scored of the jobs first planned in those runs. The ledger only ever adds, so later models, runs,
takes, prompts and seeds leave it as it is; only another recipe of the metric, whose scores are
other numbers, makes another unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.columns import MetricColumn
from evalharness.board.founders import FOUNDERS, FOUNDING, founders
from evalharness.board.prompt_scores import PromptScores, prompt_scores
from evalharness.board.selection import Selection
from evalharness.board.statistics import spread_within_prompts
from evalharness.core.errors import BadInputError, unknown_name

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Part:
    """One metric of a composite: what its values are held against, and how much they count.

    A model's part is weight · (value − centre) / spread, with the sign turned where lower is
    better; `spread` and `centre` are the founders', in the metric's unit.
    """

    column: MetricColumn
    weight: float
    spread: float
    centre: float


@dataclass(frozen=True, slots=True)
class Composite:
    """A weighted sum of metrics on outputs, on the prompts that have them all.

    `founders` are the models whose spread is the unit.
    """

    parts: tuple[Part, ...]
    founders: tuple[str, ...]

    @property
    def column(self) -> MetricColumn:
        """How a board shows it: higher is better, the weights in its name."""
        named = ", ".join(f"{part.weight:g}·{part.column.metric}" for part in self.parts)
        return MetricColumn(f"composite({named})", "Composite", "", "higher", "output")

    @property
    def frozen(self) -> bool:
        """Whether later models leave the unit alone."""
        return len(self.founders) >= FOUNDERS


def composite(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    columns: Sequence[MetricColumn],
    weights: Mapping[str, float],
) -> tuple[Composite, PromptScores]:
    """A composite and its values by prompt; `weights` by metric, with or without instrument.

    `columns` are the metrics of the suite. Raises UnknownNameError, and BadInputError for weights
    that are not above 0, metrics on sets, and metrics without a spread among the founders.
    """
    chosen = _chosen(columns, weights)
    names = [column.metric for column, _ in chosen]
    founding, units = _units(connection, selection.digest, names)
    for name in names:
        if name not in units:
            raise BadInputError(
                f"{name} has no spread within prompts among {', '.join(founding) or 'no models'}, "
                "so it cannot be weighed. Score at least two models that differ on it."
            )
    parts = tuple(Part(column, weight, *units[column.metric]) for column, weight in chosen)
    found = prompt_scores(connection, selection, names)
    total = np.zeros(found[names[0]].sums.shape)
    for part in parts:
        share = part.weight / part.spread * (-1 if part.column.direction == "lower" else 1)
        total += share * (found[part.column.metric].means - part.centre)
    has = np.isfinite(total)
    scores = PromptScores(found[names[0]].prompts, np.where(has, total, 0.0), has.astype(np.int64))
    return Composite(parts, founding), scores


def _chosen(
    columns: Sequence[MetricColumn], weights: Mapping[str, float]
) -> list[tuple[MetricColumn, float]]:
    chosen = []
    for name, weight in weights.items():
        fitting = [c for c in columns if name in (c.metric, c.base)]
        if not fitting:
            raise unknown_name("metric on this board", name, [c.metric for c in columns])
        if len(fitting) > 1:
            raise BadInputError(
                f"{name} is measured by several instruments here. Name one of "
                f"{', '.join(c.metric for c in fitting)}."
            )
        if fitting[0].level == "set":
            raise BadInputError(
                f"{name} is one number for a whole set and has no spread within prompts. "
                "A composite is made of metrics on single outputs."
            )
        if not (math.isfinite(weight) and weight > 0):
            raise BadInputError(f"The weight of {name} is {weight}; expected a number above 0.")
        chosen.append((fitting[0], weight))
    if not chosen:
        raise BadInputError("A composite needs at least one metric with a weight.")
    return chosen


def _units(
    connection: duckdb.DuckDBPyConnection, suite: str, metrics: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, tuple[float, float]]]:
    """The founders' names, and (spread, centre) by metric where models differ within prompts."""
    given = {"suite": suite, "founders": FOUNDERS, "metrics": list(metrics)}
    rows = connection.execute(_FOUNDERS_MEANS, given).fetchnumpy()
    found = {name: np.asarray(column) for name, column in rows.items()}
    units = {}
    for place, metric in enumerate(metrics):
        one = found["metric"] == place
        shape = (found["founder"].max(initial=-1) + 1, found["prompt"].max(initial=-1) + 1)
        means = np.full(shape, np.nan)
        means[found["founder"][one], found["prompt"][one]] = found["value"][one]
        if (spread := spread_within_prompts(means)) > 0:
            units[metric] = spread, float(found["value"][one].mean())
    return tuple(sorted({model for _, model in founders(connection, suite)})), units


# of each job the first take that was scored: a later one must not move the unit; all in order,
# because sums in another order would differ in their last digits
_FOUNDERS_MEANS = f"""{FOUNDING},
    asked AS (
        SELECT m.variant, m.model, m.prompt_id, p.digest AS prompt, m.job_key
        FROM members m SEMI JOIN founding f ON f.run = m.run
        JOIN prompts p ON p.suite = m.suite AND p.prompt_id = m.prompt_id
        WHERE m.suite = $suite
    ),
    made AS (
        SELECT a.variant, a.model, a.prompt_id, a.job_key, s.metric,
               arg_min(s.value, s.take) AS value
        FROM asked a
        JOIN scores s ON s.job_key = a.job_key AND s.prompt = a.prompt
        JOIN metrics t ON t.metric = s.metric AND t.recipe = s.recipe
        WHERE s.status = 'ok' AND isfinite(s.value) AND list_contains($metrics, s.metric)
        GROUP BY a.variant, a.model, a.prompt_id, s.metric, a.job_key
    )
    SELECT list_position($metrics, metric) - 1 AS metric,
           dense_rank() OVER (ORDER BY variant, model) - 1 AS founder,
           dense_rank() OVER (ORDER BY prompt_id) - 1 AS prompt,
           avg(value ORDER BY job_key) AS value
    FROM made m GROUP BY m.metric, variant, model, prompt_id ORDER BY metric, founder, prompt
"""
