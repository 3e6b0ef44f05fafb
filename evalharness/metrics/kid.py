"""Kernel distance between two sets of features: `kid[instrument]`.

The unbiased squared maximum mean discrepancy with the kernel (x·y/d + 1)³ (Bińkowski et al.
2018). `METRIC` shows the estimate over the whole set with a jackknife interval over prompts. The
usual protocol (`kid_subsets`: mean ± standard deviation of 100 random subsets) estimates the same
number with added subset noise, and its ± is that of a subset, not an uncertainty of the mean; it
is here for parity with torch-fidelity and torchmetrics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError, feature_pair, output_and_reference

Matrix = NDArray[np.float64]

ROWS_AT_ONCE = 128
"""Few enough that a block of kernels of some thousand pictures stays in a processor's cache."""
FEWEST_PROMPTS_FOR_INTERVAL = 10
SMALLEST_SET = 32


def polynomial_kernel(x: Matrix, y: Matrix) -> Matrix:
    """(x·y/d + 1)³ for x (n, d), y (m, d): (n, m)."""
    base: Matrix = (x / x.shape[1]) @ y.T
    base += 1.0
    kernel: Matrix = base * base  # two products: numpy's ** 3 takes five times as long
    kernel *= base
    return kernel


def mmd2(outputs: ArrayLike, reference: ArrayLike) -> float:
    """Unbiased MMD² of features (n, d) and (m, d), n, m ≥ 2; can be slightly negative.

    Raises UnmeasurableError for NaN, differing d or fewer than two rows.
    """
    x, y = feature_pair(outputs, reference)
    return _sums(x, y, np.arange(len(x))).mmd2()


def kid_subsets(
    outputs: ArrayLike,
    reference: ArrayLike,
    *,
    subsets: int = 100,
    size: int = 1000,
    seed: int = 2020,
) -> tuple[float, float]:
    """Mean and population standard deviation of MMD² over random subsets without replacement.

    torch-fidelity's protocol with its random numbers, so that both agree to float32 rounding.
    Raises UnmeasurableError where a set is smaller than `size`: shrinking it silently, as some
    tools do, changes the ±.
    """
    x, y = feature_pair(outputs, reference)
    if min(len(x), len(y)) < size:
        raise UnmeasurableError(
            f"KID subsets of {size} need as many features; found {len(x)} and {len(y)}. "
            "Choose a smaller subset size, or use the whole-set estimate."
        )
    rng = np.random.RandomState(seed)
    values = np.empty(subsets)
    for i in range(subsets):
        chosen_x = x[rng.choice(len(x), size, replace=False)]
        chosen_y = y[rng.choice(len(y), size, replace=False)]
        values[i] = mmd2(chosen_x, chosen_y)
    return float(values.mean()), float(values.std())


@dataclass(frozen=True, slots=True)
class _Sums:
    """Kernel sums from which MMD² follows, also without one prompt or one reference picture.

    Pairs of outputs of one prompt are left out of `xx`: the prompt is the sampling unit, and
    seeds of one prompt are alike, which would otherwise pass for distance from the reference.
    """

    size: Matrix
    """(g,) outputs per prompt."""
    xx: Matrix
    """(g,) kernel sum of a prompt's outputs with all other prompts' outputs."""
    xy: Matrix
    """(g,) kernel sum of a prompt's outputs with the reference."""
    yy: Matrix
    """(m,) kernel sum of a reference picture with the others."""
    yx: Matrix
    """(m,) kernel sum of a reference picture with the outputs."""

    def mmd2(self) -> float:
        n, m = self.size.sum(), len(self.yy)
        pairs = n**2 - np.square(self.size).sum()
        within = self.xx.sum() / pairs + self.yy.sum() / (m * (m - 1))
        return float(within - 2.0 * self.xy.sum() / (n * m))

    def without_each_prompt(self) -> Matrix:
        """(g,) MMD² with one prompt left out."""
        m = len(self.yy)
        n = self.size.sum() - self.size
        pairs = n**2 - (np.square(self.size).sum() - np.square(self.size))
        values: Matrix = (
            (self.xx.sum() - 2.0 * self.xx) / pairs
            + self.yy.sum() / (m * (m - 1))
            - 2.0 * (self.xy.sum() - self.xy) / (n * m)
        )
        return values

    def without_each_reference(self) -> Matrix:
        """(m,) MMD² with one reference picture left out."""
        n, m = self.size.sum(), len(self.yy) - 1
        pairs = n**2 - np.square(self.size).sum()
        values: Matrix = (
            self.xx.sum() / pairs
            + (self.yy.sum() - 2.0 * self.yy) / (m * (m - 1))
            - 2.0 * (self.yx.sum() - self.yx) / (n * m)
        )
        return values


def _sums(x: Matrix, y: Matrix, clusters: NDArray[np.int64]) -> _Sums:
    _, prompt, size = np.unique(clusters, return_inverse=True, return_counts=True)
    if len(size) < 2:
        raise UnmeasurableError(
            "All outputs answer one prompt; KID compares outputs of different prompts. Add prompts."
        )
    xx, xy = np.zeros(len(size)), np.zeros(len(size))
    yx = np.zeros(len(y))
    for start in range(0, len(x), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        others = polynomial_kernel(x[rows], x)
        np.copyto(others, 0.0, where=prompt[rows, None] == prompt)
        crossed = polynomial_kernel(x[rows], y)
        np.add.at(xx, prompt[rows], others.sum(axis=1))
        np.add.at(xy, prompt[rows], crossed.sum(axis=1))
        yx += crossed.sum(axis=0)
    yy = np.empty(len(y))
    for start in range(0, len(y), ROWS_AT_ONCE):
        block = polynomial_kernel(y[start : start + ROWS_AT_ONCE], y)
        block[np.arange(len(block)), start + np.arange(len(block))] = 0.0
        yy[start : start + len(block)] = block.sum(axis=1)
    return _Sums(size.astype(np.float64), xx, xy, yy, yx)


def _jackknife_variance(left_out: Matrix) -> float:
    g = len(left_out)
    return float((g - 1) / g * np.square(left_out - left_out.mean()).sum())


def kid(outputs: ArrayLike, reference: ArrayLike, clusters: NDArray[np.int64]) -> SetValue:
    """Whole-set unbiased MMD² with a 95 % interval.

    `clusters` (n,) names each output's prompt. With one output a prompt the value is `mmd2`. The
    interval is value ± t(prompts − 1) · √(jackknife over prompts + jackknife over reference
    pictures); the jackknife variance of a U-statistic is never too small on average (Efron and
    Stein 1981), so that it is wide rather than narrow where both sets agree. None below 10
    prompts or with fewer than 10 reference pictures. Raises UnmeasurableError as `mmd2` does, and
    where all outputs answer one prompt.
    """
    x, y = feature_pair(outputs, reference)
    if len(clusters) != len(x):
        raise UnmeasurableError(
            f"{len(clusters)} prompts were named for {len(x)} outputs; expected one each."
        )
    sums = _sums(x, y, clusters)
    value = sums.mmd2()
    prompts = len(sums.size)
    if min(prompts, len(y)) < FEWEST_PROMPTS_FOR_INTERVAL:
        return SetValue(value)
    variance = _jackknife_variance(sums.without_each_prompt())
    variance += _jackknife_variance(sums.without_each_reference())
    reach = float(stdtrit(prompts - 1, 0.975)) * variance**0.5
    return SetValue(value, value - reach, value + reach)


def minimum_n(_d: int) -> int:
    """32 in any dimension: the estimate is unbiased, only its interval widens for small sets."""
    return SMALLEST_SET


def _measure(table: SetTable) -> SetValue:
    outputs, reference = output_and_reference(table)
    return kid(outputs, reference, table.clusters)


METRIC = SetMetric(
    facts=MetricFacts(
        name="kid",
        version=1,
        title="Kernel distance",
        unit="",
        direction="lower",
        needs=frozenset({"output", "reference"}),
        applies_to=frozenset({"picture"}),
        default_instrument="inception",
        about=About(
            measures="How far the distribution of the pictures is from that of the reference, "
            "without bias.",
            range="about 0 for equal distributions (can be slightly negative) and up",
            recipe="unbiased MMD² with the kernel (x·y/d + 1)³ over the whole set; pairs of one "
            "prompt are left out",
            source="Bińkowski et al. 2018 (arXiv:1801.01401)",
            limits="Judges only what the network sees; the interval is wide for small sets.",
        ),
    ),
    measure=_measure,
    minimum_n=minimum_n,
)
