"""What a utility is made of: each component per model and prompt, in one unit, higher = better.

A component is centred on its prompt's mean over the pool, which takes away what the prompt itself
makes easy or hard, and divided by one spread: that of the pool's models within prompts. Both come
from all models of the suite, never from those compared, so that taking a model out of the
comparison (by a limit, or by name) moves no other model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.columns import MetricColumn
from evalharness.board.prompt_scores import prompt_scores
from evalharness.board.statistics import spread_within_prompts

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.selection import Selection

Floats = NDArray[np.float64]

MEASURED_BY = {
    "quality": ("preference", "aesthetic"),
    "alignment": ("geneval", "vqa_score", "clip_score"),
    "steerability": ("style_match", "steerability"),
    "latency": ("latency",),
}
"""Metrics that can stand for a component, the first that a suite has."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the utility.

    `values` (V, P) are in standard deviations within prompts, NaN where there is none; `parts`
    (V, P, R) are a style component's values for each reference, of which `values` is the mean.
    `measured_by` says by what, `spread` is what was divided by (in its unit).
    """

    name: str
    measured_by: str
    values: Floats
    spread: float
    parts: Floats | None = None

    @property
    def means(self) -> Floats:
        """(V,): each model's mean over its prompts; NaN for a model without any."""
        has = np.isfinite(self.values)
        n = has.sum(axis=1)
        sums = np.where(has, self.values, 0.0).sum(axis=1)
        return np.where(n > 0, sums / np.maximum(n, 1), np.nan)


def standardised(name: str, measured_by: str, values: Floats) -> Component | None:
    """A component of raw values (V, P) or (V, P, R), higher = better.

    Prompts that fewer than two models of the pool answered say nothing about models. None where
    the models do not differ at all (or nothing is left): there is nothing to choose by.
    """
    parts = values if values.ndim == 3 else values[..., None]
    parts = np.where((np.isfinite(parts).sum(axis=0) > 1)[None], parts, np.nan)
    centred = parts - _mean(parts, axis=0)[None]
    whole = _mean(centred, axis=2)
    spread = spread_within_prompts(whole)
    if not spread > 1e-12:
        return None
    return Component(
        name, measured_by, whole / spread, spread, centred / spread if values.ndim == 3 else None
    )


def measured_components(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    columns: Sequence[MetricColumn],
    places: Mapping[str, int],
) -> dict[str, Component]:
    """Quality, alignment, steerability and latency, as far as the suite measures them.

    `places` gives each prompt's column.
    """
    chosen: dict[str, MetricColumn] = {}
    for name, bases in MEASURED_BY.items():
        for base in bases:
            fitting = [c for c in columns if c.base == base and c.level == "output"]
            if fitting and name not in chosen:
                chosen[name] = fitting[0]
    scores = prompt_scores(connection, selection, [c.metric for c in chosen.values()])
    made = {}
    for name, column in chosen.items():
        raw = np.full((len(selection.variants), len(places)), np.nan)
        found = scores[column.metric]
        raw[:, [places[prompt] for prompt in found.prompts]] = found.means
        if name == "latency":
            raw = np.log(np.where(raw > 0, raw, np.nan))
        oriented = -raw if column.direction == "lower" else raw
        component = standardised(name, column.metric, oriented)
        if component is not None:
            made[name] = component
    return made


def _mean(values: Floats, axis: int) -> Floats:
    """nanmean without a warning where all is NaN."""
    has = np.isfinite(values)
    n = has.sum(axis=axis)
    sums = np.where(has, values, 0.0).sum(axis=axis)
    return np.where(n > 0, sums / np.maximum(n, 1), np.nan)
