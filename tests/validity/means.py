"""Intervals and tests of means and of paired differences, over scores with known truth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evalharness.board.paired import paired_difference, prompts_needed
from evalharness.board.statistics import Interval, interval_of_sums
from tests.validity.drawn_scores import Floats, Scores, with_gaps
from tests.validity.rates import Checked, Rate

DRAWS = 4000
SEEDS = 4
PROMPTS = (50, 100, 300, 1000)
COVERED = (0.93, 0.97)
ALPHA = 0.05
POWER = (0.77, 0.83)
"""At the number of prompts computed for 80 %: spreads are estimated and effects not far off."""

PAIRS = {
    "normal": (0.0, 0.1),
    "skewed": (0.0, 0.3),
    "share": (0.0, 0.4),
    "share near 1": (3.0, 3.5),
}


def coverage() -> Iterator[Checked]:
    """Of a mean and of a paired difference, beside intervals that count pictures as independent."""
    for name, levels in PAIRS.items():
        scores = Scores(name.partition(" ")[0], levels)
        for prompts in PROMPTS:
            yield from _coverage(name, scores, prompts)


def _coverage(name: str, scores: Scores, prompts: int) -> Iterator[Checked]:
    rng = np.random.default_rng([1, prompts, len(name)])
    share = scores.shape == "share"
    truth = scores.truth
    held = dict.fromkeys(("mean", "mean with gaps", "difference", "naive mean", "naive pair"), 0)
    for _ in range(DRAWS):
        drawn = scores.draw(prompts, SEEDS, rng)
        held["mean"] += _holds(_mean(drawn[0], share), truth[0])
        held["mean with gaps"] += _holds(_mean(with_gaps(drawn, rng)[0], share), truth[0])
        means = drawn.mean(axis=2)
        pair = paired_difference(means[0], means[1], share=share)
        held["difference"] += _within(pair.low, pair.high, truth[1] - truth[0])
        held["naive mean"] += _holds(_naive(drawn[0]), truth[0])
        flat = drawn.reshape(2, -1)
        naive = paired_difference(flat[0], flat[1])
        held["naive pair"] += _within(naive.low, naive.high, truth[1] - truth[0])
    beside = {"difference": "naive pair"}
    for what in ("mean", "mean with gaps", "difference"):
        independent = Rate(held[beside.get(what, "naive mean")], DRAWS)
        yield Checked(
            f"{what}, {name}, {prompts} prompts × {SEEDS} seeds",
            Rate(held[what], DRAWS),
            *COVERED,
            beside="" if "gaps" in what else str(independent),
        )


def _mean(scores: Floats, share: bool) -> Interval:
    return interval_of_sums(np.nansum(scores, axis=1), np.isfinite(scores).sum(axis=1), share=share)


def _naive(scores: Floats) -> Interval:
    """What a tool that counts pictures as independent gives."""
    return interval_of_sums(scores.ravel(), np.ones(scores.size))


def _holds(interval: Interval, truth: float) -> bool:
    return _within(interval.low, interval.high, truth)


def _within(low: float | None, high: float | None, truth: float) -> bool:
    return bool(low is not None and high is not None and low <= truth <= high)


def errors() -> Iterator[Checked]:
    """How often two equal models are told apart at 5 %."""
    cases = (
        ("McNemar, one seed", "share", 1, (10, 20, 50, 200, 1000)),
        ("sign flips, shares of four seeds", "share", 4, (10, 20, 50, 200, 1000)),
        ("sign flips, normal", "normal", 4, (8, 12, 20, 40)),
        ("sign flips, skewed", "skewed", 4, (8, 12, 20, 40)),
        ("t test, normal", "normal", 4, (50, 200, 1000)),
        ("t test, skewed", "skewed", 4, (50, 200, 1000)),
    )
    for what, shape, seeds, sizes in cases:
        for prompts in sizes:
            yield Checked(
                f"{what}, {prompts} prompts",
                _rejected(Scores(shape, (0.5, 0.5)), prompts, seeds),
                0.0,
                ALPHA,
                chance=True,
            )


def _rejected(scores: Scores, prompts: int, seeds: int) -> Rate:
    rng = np.random.default_rng([2, prompts, seeds, len(scores.shape)])
    draws = DRAWS if prompts >= 50 or scores.shape == "share" else DRAWS // 2
    found = 0
    for _ in range(draws):
        a, b = scores.draw(prompts, seeds, rng).mean(axis=2)
        p = paired_difference(a, b, share=scores.shape == "share").p
        found += bool(p is not None and p <= ALPHA)
    return Rate(found, draws)


def power() -> Iterator[Checked]:
    """How often a true difference is found with as many prompts as were computed for 80 %."""
    for shape, effects in {"normal": (0.5, 0.2, 0.1), "share": (1.0, 0.6, 0.4)}.items():
        for effect in effects:
            scores = Scores(shape, (0.0, effect))
            true = float(np.diff(scores.truth)[0])
            pilot = scores.draw(200_000, SEEDS, np.random.default_rng(3)).mean(axis=2)
            prompts = prompts_needed(float((pilot[1] - pilot[0]).std()), true)
            yield Checked(
                f"{shape}, a difference of {true:.3g}: {prompts} prompts × {SEEDS} seeds",
                _rejected(scores, prompts, SEEDS),
                *POWER,
            )
