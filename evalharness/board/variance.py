"""Where a mean's uncertainty comes from: differences between prompts, and between seeds of one.

A one-way random-effects analysis of variance, x_pk = μ + prompt_p + seed_pk (Searle, Casella and
McCulloch 1992, "Variance components", section 3.6 for unequal numbers of seeds).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from evalharness.board.selection import Selection

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Variance:
    """One model's scores of one metric: `values` of them on `prompts` prompts.

    `between` is the variance of the prompts' true means, `within` that of seeds of one prompt,
    both in the metric's unit squared. `within` is None where no prompt has two seeds, and
    `between` then holds both.
    """

    between: float
    within: float | None
    prompts: int
    values: int

    @property
    def seeds(self) -> float:
        """How many seeds a prompt has on average."""
        return self.values / self.prompts

    def error(self, prompts: int, seeds: float) -> float:
        """The standard error of the mean that so many prompts and seeds would have.

        √((between + within / seeds) / prompts); infinite seeds are allowed.
        """
        return math.sqrt((self.between + (self.within or 0.0) / seeds) / prompts)

    @property
    def twice_the_prompts(self) -> float:
        """By which share twice the prompts would shorten the error: always 1 − 1/√2."""
        return self._shorter(2 * self.prompts, self.seeds)

    @property
    def twice_the_seeds(self) -> float | None:
        """By which share twice the seeds would, for as many more outputs; None if unknown."""
        return None if self.within is None else self._shorter(self.prompts, 2 * self.seeds)

    def _shorter(self, prompts: int, seeds: float) -> float:
        now = self.error(self.prompts, self.seeds)
        return 1.0 - self.error(prompts, seeds) / now if now else 0.0


def variance_of(means: ArrayLike, squares: ArrayLike, counts: ArrayLike) -> Variance | None:
    """The components from each prompt's mean, its Σ_k (x_pk − x̄_p)² and its number of seeds, (P,).

    Prompts without scores have the count 0. None for fewer than two prompts. A negative estimate
    of `between` (prompts that differ less than their seeds explain) is given as 0.
    """
    k = np.asarray(counts, dtype=np.float64)
    has = k > 0
    k, m, inner = k[has], np.asarray(means, float)[has], np.asarray(squares, float)[has]
    prompts, n = len(k), float(k.sum())
    if prompts < 2:
        return None
    grand = float((k * m).sum() / n)
    over_prompts = float((k * (m - grand) ** 2).sum()) / (prompts - 1)
    if n == prompts:
        return Variance(over_prompts, None, prompts, int(n))
    within = float(inner.sum()) / (n - prompts)
    usual_seeds = (n - float((k**2).sum()) / n) / (prompts - 1)
    between = max(0.0, (over_prompts - within) / usual_seeds)
    return Variance(between, within, prompts, int(n))


def variances(
    connection: duckdb.DuckDBPyConnection, selection: Selection, metrics: Sequence[str]
) -> dict[str, tuple[Variance | None, ...]]:
    """By metric (on outputs), the components of every variant of a selection."""
    found = connection.execute(
        selection.scored()
        + """
        SELECT list_position($metrics, metric) - 1 AS metric, variant, avg(value) AS mean,
               count(*) * var_pop(value) AS squares, count(*) AS number
        FROM scored s WHERE status = 'ok' AND list_contains($metrics, s.metric)
        GROUP BY s.metric, variant, position, prompt_id
        """,
        selection.parameters | {"metrics": list(metrics)},
    ).fetchnumpy()
    columns = {name: np.asarray(column) for name, column in found.items()}

    def one(metric: int, variant: int) -> Variance | None:
        rows = (columns["metric"] == metric) & (columns["variant"] == variant)
        return variance_of(*(columns[name][rows] for name in ("mean", "squares", "number")))

    shown = range(len(selection.variants))
    return {name: tuple(one(m, v) for v in shown) for m, name in enumerate(metrics)}
