"""What a utility is made of: each component per model and prompt, in one unit, higher = better.

A component is centred on its prompt's mean over all models of the suite, which takes away what the
prompt itself makes easy or hard, and divided by one spread: that of the suite's founders within
prompts. Neither depends on which models are compared, so that taking one out (by a limit, or by
name) moves no other, and a model that is added weighs nothing anew. Latency is in doublings, a
unit of its own: a spread would make much of models that are equally fast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.columns import MEASURED_BY, MetricColumn
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

    `values` (V, P) are in `spread`, a standard deviation within prompts, NaN where there is none;
    for latency in doublings of speed, with a spread of 1. `parts`
    (V, P, R) are a style component's values for each reference, of which `values` is the mean.
    `measured_by` says by what.
    """

    name: str
    measured_by: str
    values: Floats
    spread: float
    parts: Floats | None = None

    @property
    def means(self) -> Floats:
        """(V,): each model's mean over its prompts; NaN for a model without any."""
        return mean_of_known(self.values, axis=1)


def standardised(
    name: str, measured_by: str, values: Floats, founders: NDArray[np.bool_]
) -> Component | None:
    """A component of raw values (V, P) or (V, P, R), higher = better.

    The unit is the spread of the `founders` (V,), of all models where those do not differ.
    Prompts that fewer than two models of the pool answered say nothing about models. None where
    the models do not differ at all (or nothing is left): there is nothing to choose by.
    """
    parts = values if values.ndim == 3 else values[..., None]
    parts = np.where((np.isfinite(parts).sum(axis=0) > 1)[None], parts, np.nan)
    centred = parts - mean_of_known(parts, axis=0)[None]
    whole = mean_of_known(centred, axis=2)
    spread = next(
        (s for s in map(spread_within_prompts, (whole[founders], whole)) if s > NO_SPREAD), None
    )
    if spread is None:
        return None
    return Component(
        name, measured_by, whole / spread, spread, centred / spread if values.ndim == 3 else None
    )


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
    faster = np.where((np.isfinite(faster).sum(axis=0) > 1)[None], faster, np.nan)
    values = faster - mean_of_known(faster, axis=0)[None]
    if not spread_within_prompts(values) > NO_SPREAD:
        return None
    return Component("latency", measured_by, values, 1.0)
