"""Intervals of KID, CMMD and FID, and of their differences, over features with known truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evalharness.board.influences import prompt_column
from evalharness.board.paired import paired_difference
from evalharness.board.set_features import SeenPictures
from evalharness.metrics.cmmd import SCALE
from evalharness.metrics.fid import frechet_distance_of_moments
from evalharness.metrics.influence import INFLUENCES
from evalharness.metrics.kid import kid
from evalharness.metrics.reference import ReferenceRows
from tests.validity.drawn_features import Embedding, Features, Floats, draw, weights_of
from tests.validity.means import COVERED
from tests.validity.rates import Checked, Rate

DRAWS = 2000
D = 16
REFERENCE = 500
NAIVE = 100
"""Up to so many prompts pictures are counted as independent, too, to compare."""
SEEDS = {50: 4, 100: 4, 300: 4, 1000: 2}
EQUAL_SETS = (0.93, 1.0)
"""Where both distributions are one the estimate has no first-order spread, and the jackknife's
error is too large on average (Efron and Stein 1981): wide, never short."""

Metric = Literal["kid", "cmmd"]


@dataclass(frozen=True, slots=True)
class World:
    """Two models and a reference, under a name."""

    name: str
    first: Features
    second: Features
    reference: Features
    prompts: tuple[int, ...]


def worlds() -> list[World]:
    """Models apart from each other, equal ones, one like the reference, and skewed features."""
    rng = np.random.default_rng(4)
    spectrum = np.diag(np.linspace(0.6, 1.4, D))
    turned = np.linalg.qr(rng.standard_normal((D, D)))[0] @ spectrum
    reference = Features(np.full(D, 0.5), spectrum)
    first = Features(np.full(D, 0.7), 1.1 * spectrum)
    second = Features(np.linspace(0.6, 1.0, D), turned)
    skewed = [replace(model, skewed=True) for model in (first, second, reference)]
    return [
        World("apart", first, second, reference, (50, 100, 300, 1000)),
        World("equal", first, first, reference, (100, 300)),
        World("as the reference", reference, first, reference, (50, 300)),
        World("skewed", *skewed, (50, 300)),
    ]


def kernels() -> Iterator[Checked]:
    """KID as boards show it, and paired differences of KID and CMMD."""
    for world in worlds():
        truths = {metric: _Truth.of(world, metric) for metric in ("kid", "cmmd")}
        for prompts in world.prompts:
            yield from _kernels(world, truths, prompts)


def _kernels(world: World, truths: Mapping[str, _Truth], prompts: int) -> Iterator[Checked]:
    rng = np.random.default_rng([5, prompts, len(world.name)])
    held = dict.fromkeys(("kid", "independent", "kid difference", "cmmd difference"), 0)
    clusters = np.repeat(np.arange(prompts), SEEDS[prompts])
    for _ in range(DRAWS):
        pictures = draw((world.first, world.second), prompts, SEEDS[prompts], rng)
        reference = _reference(world.reference, REFERENCE, rng)
        shown = kid(pictures[0], reference.rows, clusters)
        held["kid"] += _within(shown.low, shown.high, truths["kid"].value)
        if prompts <= NAIVE:
            naive = kid(pictures[0], reference.rows, np.arange(len(clusters)))
            held["independent"] += _within(naive.low, naive.high, truths["kid"].value)
        for metric, truth in truths.items():
            low, high = _difference(metric, pictures, clusters, reference)
            held[f"{metric} difference"] += _within(low, high, truth.difference(reference))
    size = f"{world.name}, {prompts} prompts × {SEEDS[prompts]} seeds"
    asked = EQUAL_SETS if world.first is world.reference else COVERED
    beside = str(Rate(held["independent"], DRAWS)) if prompts <= NAIVE else ""
    yield Checked(f"KID, {size}", Rate(held["kid"], DRAWS), *asked, beside=beside)
    for metric in truths:
        rate = Rate(held[f"{metric} difference"], DRAWS)
        yield Checked(f"Δ{metric.upper()}, {size}", rate, *COVERED)


@dataclass(frozen=True, slots=True)
class _Truth:
    """The true distance of the first model, and true differences to a reference as drawn."""

    metric: Metric
    first: Embedding
    second: Embedding
    value: float

    @staticmethod
    def of(world: World, metric: str) -> _Truth:
        name: Metric = "kid" if metric == "kid" else "cmmd"
        first, second, reference = (
            Embedding.over(model.pool(seed), name == "cmmd")
            for seed, model in enumerate((world.first, world.second, world.reference))
        )
        weights = weights_of(name, D)
        if world.second is world.first:
            second = first
        if world.first is world.reference:
            reference = first
        value = first.kernel(first, weights) + reference.kernel(reference, weights)
        return _Truth(name, first, second, value - 2 * first.kernel(reference, weights))

    def difference(self, reference: ReferenceRows) -> float:
        """Second − first; intervals are conditional on the reference as it is."""
        weights = weights_of(self.metric, D)
        seen = Embedding.over(iter([reference.rows.astype(np.float64)]), self.metric == "cmmd")
        of = [
            model.kernel(model, weights) - 2 * model.kernel(seen, weights)
            for model in (self.first, self.second)
        ]
        return (of[1] - of[0]) * (SCALE if self.metric == "cmmd" else 1.0)


def frechet() -> Iterator[Checked]:
    """Paired differences of FID at, and well above, the size from which they are shown."""
    sizes = ((16, 64, 2000), (16, 300, 2000), (64, 80, 2000), (64, 300, 1000), (256, 320, 400))
    for d, prompts, draws in sizes:
        rng = np.random.default_rng([6, d, prompts])
        spectrum = np.diag(np.geomspace(2.0, 0.1, d))
        turned = np.linalg.qr(rng.standard_normal((d, d)))[0] @ spectrum
        models = Features(np.full(d, 0.1), 1.1 * spectrum), Features(np.full(d, 0.15), turned)
        rate = _frechet(models, Features(np.zeros(d), spectrum), prompts, draws, rng)
        yield Checked(f"ΔFID, d = {d}, {prompts} prompts × 4 seeds", rate, 0.9, 0.98)


def _frechet(
    models: tuple[Features, Features],
    of_reference: Features,
    prompts: int,
    draws: int,
    rng: np.random.Generator,
) -> Rate:
    reference = _reference(of_reference, 20 * len(of_reference.shift) + 2000, rng)
    true = [frechet_distance_of_moments(m.moments, reference.moments()) for m in models]
    clusters = np.repeat(np.arange(prompts), 4)
    held = 0
    for _ in range(draws):
        low, high = _difference("fid", draw(models, prompts, 4, rng), clusters, reference)
        held += _within(low, high, true[1] - true[0])
    return Rate(held, draws)


def _reference(of: Features, n: int, rng: np.random.Generator) -> ReferenceRows:
    return ReferenceRows(of.of(rng.standard_normal((n, len(of.shift)))).astype(np.float32))


def _difference(
    metric: str, pictures: list[Floats], clusters: np.ndarray, reference: ReferenceRows
) -> tuple[float | None, float | None]:
    asked = tuple((f"{prompt}", seed) for seed, prompt in enumerate(clusters))
    columns = [
        prompt_column(
            metric,
            INFLUENCES[metric],
            SeenPictures(asked, ("",) * len(asked), rows.astype(np.float32)),
            reference,
        ).values
        for rows in pictures
    ]
    found = paired_difference(*columns)
    return found.low, found.high


def _within(low: float | None, high: float | None, truth: float) -> bool:
    return bool(low is not None and high is not None and low <= truth <= high)
