"""How many different pictures are there in effect? `vendi[instrument]`.

The exponential of the entropy of the eigenvalues of K/n, where K holds the cosines of all pairs
(Friedman and Dieng 2023). Our own code, because the usual form always takes the n × n matrix; its
non-zero eigenvalues are those of the d × d matrix XᵀX/n, which is smaller for d < n.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigvalsh

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError, output_vectors, unit_rows

Matrix = NDArray[np.float64]

SMALLEST_SET = 64
ROUNDING = 1e-6


def vendi_score(features: ArrayLike, *, order: float = 1.0) -> float:
    """Effective number of different rows among features (n, d), n ≥ 2: 1…min(n, d).

    `order` is that of the Rényi entropy (1: Shannon's). Raises UnmeasurableError for NaN, zero
    rows and fewer than two rows.
    """
    x = unit_rows(features, "the outputs")
    n, d = x.shape
    return vendi_of_kernel(x.T @ x if d < n else x @ x.T, n, order=order)


def vendi_of_kernel(kernel: ArrayLike, n: int, *, order: float = 1.0) -> float:
    """The same for a positive semidefinite kernel of n pictures: K, or its dual with XᵀX.

    Raises UnmeasurableError where the trace is not n, which K with ones on its diagonal has.
    """
    k = np.asarray(kernel, dtype=np.float64)
    if not abs(np.trace(k) - n) <= ROUNDING * n:
        raise UnmeasurableError(
            f"The kernel of {n} pictures has the trace {np.trace(k):.6g}; expected {n}, every "
            "picture being like itself by 1. Normalise the kernel."
        )
    shares = eigvalsh(k / n)
    shares = shares[shares > 0.0]
    if order == 1.0:
        return float(np.exp(-(shares * np.log(shares)).sum()))
    return float((shares**order).sum() ** (1.0 / (1.0 - order)))


def minimum_n(_d: int) -> int:
    """64 in any dimension, where draws of one distribution differ by at most a twentieth.

    The rule and the simulation behind it: `reports/benchmarks.md`, minimum n.
    """
    return SMALLEST_SET


def _measure(table: SetTable) -> SetValue:
    return SetValue(vendi_score(output_vectors(table)))


METRIC = SetMetric(
    facts=MetricFacts(
        name="vendi",
        version=1,
        title="Vendi score",
        unit="pictures",
        direction="higher",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        default_instrument="inception",
        about=About(
            measures="How many clearly different pictures the outputs amount to.",
            range="1 (all alike) to the smaller of n and the features' dimension",
            recipe="exp of the Shannon entropy (q = 1) of the eigenvalues of K/n, K the cosines of "
            "all pairs; by the d × d form where d < n",
            source="Friedman and Dieng 2023 (arXiv:2210.02410)",
            limits="A count of this set: it grows with n, so compare equal n of the same prompts; "
            "blind to quality (noise is diverse); no interval is known.",
        ),
    ),
    measure=_measure,
    minimum_n=minimum_n,
)
