"""What a utility is made of: each component per model and prompt, in one unit, higher = better.

A score is taken without its prompt's effect, estimated from all models of the suite, which takes
away what the prompt itself makes easy or hard, and divided by one spread: that of the suite's
founders within prompts. Style is a distance, its unit how far apart the founders are. None of it
depends on which models are compared, so that taking one out (by a limit, or by name) moves no
other, and a model that is added weighs nothing anew. Latency is in doublings, a unit of its own: a
spread would make much of models that are equally fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.choose.fit import minus_distance
from evalharness.board.columns import MEASURED_BY, MetricColumn
from evalharness.board.prompt_effects import without_prompt_effects
from evalharness.board.prompt_scores import prompt_scores
from evalharness.board.statistics import mean_of_known, spread_within_prompts

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.selection import Selection

Floats = NDArray[np.float64]

NO_SPREAD = 1e-12


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the utility.

    `values` (V, P) have a model's worth as their mean: in standard deviations within prompts, for
    latency in doublings of speed; NaN where there is none. Those of style are minus half the
    squared distance from the references, `parts` (V, P, R) the same for each reference; their
    worth is minus the distance, in `unit`. `measured_by` says by what.
    """

    name: str
    measured_by: str
    values: Floats
    parts: Floats | None = None
    unit: float | None = None

    @property
    def averages(self) -> Floats:
        """(V,): the mean of a model's values; NaN for a model without any."""
        return mean_of_known(self.values, axis=1)

    @property
    def means(self) -> Floats:
        """(V,): what each model is worth; NaN for a model without values."""
        return self.worth(self.averages)

    def worth(self, averages: Floats) -> Floats:
        """Of means of values, whatever their shape; in the same order."""
        return averages if self.unit is None else minus_distance(averages, self.unit)


def standardised(
    name: str, measured_by: str, values: Floats, founders: NDArray[np.bool_]
) -> Component | None:
    """A component of raw values (V, P), higher = better.

    The unit is the spread of the `founders` (V,), of all models where those do not differ.
    Prompts that fewer than two models of the pool answered say nothing about models. None where
    the models do not differ at all (or nothing is left): there is nothing to choose by.
    """
    centred, _ = without_prompt_effects(values)
    spread = next(
        (s for s in map(spread_within_prompts, (centred[founders], centred)) if s > NO_SPREAD), None
    )
    return None if spread is None else Component(name, measured_by, centred / spread)


def measured_components(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    columns: Sequence[MetricColumn],
    places: Mapping[str, int],
    founders: NDArray[np.bool_],
) -> list[Component | None]:
    """Quality, alignment, steerability and latency, as far as the suite measures them.

    `places` gives each prompt's column, `founders` (V,) marks those whose spread is the unit.
    """
    chosen: dict[str, MetricColumn] = {}
    for name, bases in MEASURED_BY.items():
        for base in bases:
            fitting = [c for c in columns if c.base == base and c.level == "output"]
            if fitting and name not in chosen:
                chosen[name] = fitting[0]
    scores = prompt_scores(connection, selection, [c.metric for c in chosen.values()])
    made = []
    for name, column in chosen.items():
        raw = np.full((len(selection.variants), len(places)), np.nan)
        found = scores[column.metric]
        raw[:, [places[prompt] for prompt in found.prompts]] = found.means
        if name == "latency":
            made.append(_doublings(column.metric, raw))
        else:
            oriented = -raw if column.direction == "lower" else raw
            made.append(standardised(name, column.metric, oriented, founders))
    return made


def _doublings(measured_by: str, seconds: Floats) -> Component | None:
    """Latency (V, P): how many times as fast as the others on a prompt, in powers of two."""
    faster = -np.log2(np.where(seconds > 0, seconds, np.nan))
    values, _ = without_prompt_effects(faster)
    if not spread_within_prompts(values) > NO_SPREAD:
        return None
    return Component("latency", measured_by, values)
