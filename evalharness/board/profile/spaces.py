"""The instruments that have seen a suite's pictures, and how models look to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.columns import MetricColumn, instrument_name
from evalharness.board.paired import paired_difference
from evalharness.board.pictures import STYLE_BY, Pictures
from evalharness.board.profile.model_profile import NearModel, SeedDiversity
from evalharness.board.profile.pool import beside
from evalharness.board.selection import FIRST_ARTIFACT
from evalharness.board.style_space import StyleSpace
from evalharness.core.brief import Space
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.seed_diversity import mean_distances

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.selection import Selection

DIVERSE_BY = ("dinov2", "clip")
"""Diversity is seen by an instrument with this in its name, the first that there is."""
FEWEST_MODELS = 3
"""From the middle of two models, both look the opposite way."""


def spaces(connection: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[Space, ...]:
    """Where vectors of the selection's pictures are stored; of each instrument the newest weights,
    the one that has seen most pictures first.
    """
    rows = connection.execute(
        selection.placed()
        + f"""
        SELECT f.instrument, f.weights, f.version
        FROM placed p
        {FIRST_ARTIFACT}
        JOIN features f ON f.subject = a.sha256 AND f.kind = 'picture'
        WHERE p.status = 'ok' AND f.status = 'ok' AND f.vector IS NOT NULL
        GROUP BY f.instrument, f.weights, f.version
        QUALIFY row_number() OVER (PARTITION BY f.instrument ORDER BY max(f.made_at) DESC) = 1
        ORDER BY count(*) DESC, f.instrument
        """,
        selection.parameters,
    ).fetchall()
    return tuple(Space(*row) for row in rows)


def style_space(found: Sequence[Space], looks_by: str) -> Space | None:
    """Where style is seen best: an instrument made for it, that of the look metrics, or any."""
    by_name = {space.instrument: space for space in found}
    wanted = (*STYLE_BY, looks_by)
    return next((by_name[n] for n in wanted if n in by_name), next(iter(found), None))


def diversity_space(found: Sequence[Space], columns: Sequence[MetricColumn]) -> Space | None:
    """Where diversity is seen: by the suite's own metric's instrument if there is one."""
    named = [instrument_name(c.metric) for c in columns if c.base == "seed_diversity"]
    for space in found:
        if space.instrument in named:
            return space
    like = [space for part in DIVERSE_BY for space in found if part in space.instrument]
    return next(iter([*like, *found]), None)


def seed_diversity(
    seen: Pictures, shape: tuple[int, int], place: int, instrument: str
) -> SeedDiversity | None:
    """The model's diversity over seeds beside the others', None where no prompt has two pictures.

    `shape` is (V, P).
    """
    means = np.full(shape, np.nan)
    for variant in range(shape[0]):
        own = seen.variant == variant
        if own.sum() < 2:
            continue
        try:
            prompts, distances = mean_distances(seen.vectors[own], seen.prompt[own])
        except UnmeasurableError:  # a model with one picture a prompt says nothing
            continue
        means[variant, prompts] = distances
    both = beside(means, place)
    has = np.isfinite(both.own)
    if not has.any():
        return None
    common = has & np.isfinite(both.others)
    return SeedDiversity(
        instrument=instrument,
        value=float(both.own[has].mean()),
        prompts=int(has.sum()),
        others=float(both.others[common].mean()) if common.any() else None,
        paired=paired_difference(both.others, both.own),
    )


def nearest_models(
    seen: Pictures, models: Sequence[str], prompts: int, place: int
) -> tuple[NearModel, ...]:
    """The other models by the likeness of their mean looks, the likest first.

    Of a model's pictures, first the mean of each prompt's seeds, then that over the prompts both
    models answered, so that content is the same on both sides; all as seen from the middle of the
    pool's pictures.
    """
    answered = [i for i in range(len(models)) if (seen.variant == i).any()]
    if place not in answered or len(answered) < FEWEST_MODELS:
        return ()
    places = StyleSpace.of(seen.vectors).place(seen.vectors)
    means = seen.means(places, (len(models), prompts))
    has = np.asarray(np.isfinite(means).all(axis=2))
    found = []
    for other in answered:
        common = has[place] & has[other]
        if other == place or not common.any():
            continue
        a, b = means[place, common].mean(axis=0), means[other, common].mean(axis=0)
        length = float(np.linalg.norm(a) * np.linalg.norm(b))
        if length > 0:
            found.append(NearModel(models[other], float(a @ b) / length, int(common.sum())))
    return tuple(sorted(found, key=lambda one: -one.cosine))
