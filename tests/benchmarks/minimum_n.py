"""Is every distribution metric's minimum n enough? Gaussian sets of known difference.

Three rules, by what a metric is:

- A distance to a reference must tell a plain difference from none: at the minimum n, two draws of
  one Gaussian read on average at most 0.6 of what a shift of half a standard deviation in every
  feature adds, and they vary (standard deviation) by at most 0.1 of it.
- A share or a count must repeat: at the minimum n, draws of one Gaussian vary by at most 0.05 (of
  themselves, for counts; density, which is neither, by 0.1). Where it also changes with n, the
  figures show by how much.
- A mean over outputs or prompts with an interval is unbiased at any n: at the minimum n, the
  interval must hold the truth in at least 90 % of draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from evalharness.catalog import registry
from evalharness.core.measures import SetMetric
from evalharness.metrics.inception_score import enough_for, inception_score
from tests.benchmarks.report import Figure
from tests.metrics.tables import output_set

DIMENSIONS = (16, 64, 256)
DRAWS = 20
MANY = 2048
SHIFT = 0.5

DISTANCES = ("fid", "kid", "cmmd", "mind")
SHARES = (
    "precision_recall.precision",
    "precision_recall.recall",
    "prdc.precision",
    "prdc.recall",
    "prdc.density",
    "prdc.coverage",
)


def measure() -> list[Figure]:
    """One row a metric and dimension: what half, once and twice the minimum n read."""
    figures = [_distance(name, d) for name in DISTANCES for d in DIMENSIONS]
    figures += [figure for d in DIMENSIONS for figure in _shares(d)]
    figures += [_vendi(d) for d in DIMENSIONS]
    figures += [_inception_score(classes) for classes in (10, 30, 100)]
    figures += [_authenticity(d) for d in DIMENSIONS]
    figures.append(_seed_diversity())
    return figures


def _metric(name: str) -> SetMetric:
    metric = registry.metric(name)
    assert isinstance(metric, SetMetric)
    return metric


def _pair(rng: np.random.Generator, n: int, d: int, shift: float = 0.0) -> tuple[np.ndarray, ...]:
    return rng.normal(size=(n, d)) + shift, rng.normal(size=(n, d))


def _draws(metric: SetMetric, n: int, d: int) -> np.ndarray:
    rng = np.random.default_rng(n + d)
    # half the minimum is below what the metric accepts, where `measure` itself refuses
    return np.array([_value(metric, *_pair(rng, n, d)) for _ in range(DRAWS)])


def _value(metric: SetMetric, outputs: np.ndarray, reference: np.ndarray) -> float:
    if metric.facts.name == "fid":
        from evalharness.metrics.fid import frechet_distance

        return frechet_distance(outputs, reference)
    return metric.measure(output_set(outputs, reference)).value


def _sizes(metric: SetMetric, d: int) -> tuple[int, int, int]:
    least = metric.minimum_n(d)
    return least // 2, least, 2 * least


def _distance(name: str, d: int) -> Figure:
    metric, rng = _metric(name), np.random.default_rng(d)
    shifted = _value(metric, *_pair(rng, MANY, d, SHIFT))
    plain = shifted - _value(metric, *_pair(rng, MANY, d))
    read = {n: _draws(metric, n, d) / plain for n in _sizes(metric, d)}
    at_least = read[metric.minimum_n(d)]
    return Figure(
        what=f"{name}, d = {d}, minimum n = {metric.minimum_n(d)}: "
        "equal draws ÷ a plain difference",
        asked="mean ≤ 0.6, sd ≤ 0.1",
        reached=_listed(read),
        ok=bool(at_least.mean() <= 0.6 and at_least.std(ddof=1) <= 0.1),
        how=f"{DRAWS} draws of two equal Gaussians; the difference is what a shift of {SHIFT} "
        f"standard deviations adds at n = {MANY}: {plain:.4g}",
    )


def _shares(d: int) -> list[Figure]:
    metrics = [_metric(name) for name in SHARES]
    read: dict[int, list[list[float]]] = {}
    for n in sorted({n for metric in metrics for n in _sizes(metric, d)}):
        rng = np.random.default_rng(n + d)
        tables = (output_set(*_pair(rng, n, d)) for _ in range(DRAWS))
        read[n] = [[metric.measure(table).value for metric in metrics] for table in tables]
    figures = []
    for at, metric in enumerate(metrics):
        own = {n: np.array(read[n])[:, at] for n in _sizes(metric, d)}
        most = 0.05 if metric.facts.unit == "share" else 0.1
        spread = own[metric.minimum_n(d)].std(ddof=1)
        what = f"{metric.facts.name}, d = {d}, minimum n = {metric.minimum_n(d)}: equal draws"
        how = f"{DRAWS} draws of two equal Gaussians of n each"
        figures.append(Figure(what, f"sd ≤ {most}", _listed(own), bool(spread <= most), how))
    return figures


def _vendi(d: int) -> Figure:
    metric, rng = _metric("vendi"), np.random.default_rng(d)

    def values(n: int) -> np.ndarray:
        draws = (rng.normal(size=(n, d)) + SHIFT for _ in range(DRAWS))
        return np.array([metric.measure(output_set(x)).value for x in draws])

    least = metric.minimum_n(d)
    read = {n: values(n) for n in (*_sizes(metric, d), 16 * least)}
    spread = read[least].std(ddof=1) / read[least].mean()
    return Figure(
        what=f"vendi, d = {d}, minimum n = {least}: draws of one Gaussian",
        asked="sd ≤ 5 % of the value",
        reached=f"{100 * spread:.1f} %; {_listed(read)}",
        ok=bool(spread <= 0.05),
        how=f"{DRAWS} draws; how it grows with n is why only equal n compare",
    )


def _inception_score(classes: int) -> Figure:
    rng = np.random.default_rng(classes)
    n = enough_for(classes)

    def values(size: int) -> np.ndarray:
        shown = (rng.integers(classes, size=size) for _ in range(DRAWS))
        return np.array([inception_score(1e3 * np.eye(classes)[kinds])[0] for kinds in shown])

    read = {size: values(size) / classes for size in (n // 2, n, 2 * n)}
    return Figure(
        what=f"inception_score of {classes} equally likely classes, shown from n = {n}: "
        "÷ the truth",
        asked="mean ≥ 0.9",
        reached=_listed(read),
        ok=bool(read[n].mean() >= 0.9),
        how=f"{DRAWS} draws of sharp predictions, the case of most bias",
    )


def _coverage(rounds: Iterator[tuple[float | None, float | None]], truth: float) -> float:
    held = [low is not None and high is not None and low <= truth <= high for low, high in rounds]
    return float(np.mean(held))


def _authenticity(d: int) -> Figure:
    metric, rng = _metric("memorisation.authenticity"), np.random.default_rng(d)
    least = metric.minimum_n(d)
    reference = rng.normal(size=(512, d))
    truth = metric.measure(output_set(rng.normal(size=(8192, d)), reference)).value

    def rounds() -> Iterator[tuple[float | None, float | None]]:
        for _ in range(200):
            found = metric.measure(output_set(rng.normal(size=(least, d)), reference))
            yield found.low, found.high

    return _held(f"memorisation.authenticity, d = {d}, minimum n = {least}", rounds, truth)


def _seed_diversity() -> Figure:
    metric, rng = _metric("seed_diversity"), np.random.default_rng(1)
    clusters = np.repeat(np.arange(10), 4)

    def rounds() -> Iterator[tuple[float | None, float | None]]:
        for _ in range(400):
            themes = rng.uniform(size=10)[clusters]
            other = rng.uniform(size=len(clusters)) < themes
            found = metric.measure(output_set(np.stack([other, ~other], 1), clusters=clusters))
            yield found.low, found.high

    # two things, shown with a probability uniform over prompts, differ in 2 p (1 − p) of pairs
    return _held("seed_diversity, 10 prompts × 4 seeds", rounds, 1 / 3)


def _held(
    what: str, rounds: Callable[[], Iterator[tuple[float | None, float | None]]], truth: float
) -> Figure:
    share = _coverage(rounds(), truth)
    return Figure(
        what=f"{what}: 95 % intervals that hold the truth",
        asked="≥ 90 %",
        reached=f"{share:.1%}",
        ok=share >= 0.9,
        how=f"draws of a known distribution; the truth is {truth:.3f}",
    )


def _listed(read: dict[int, np.ndarray]) -> str:
    return "; ".join(
        f"n = {n}: {values.mean():.3g} ± {values.std(ddof=1):.2g}" for n, values in read.items()
    )
