"""How many outputs repeat another? `near_duplicates.cosine`, `near_duplicates.hamming`.

Two metrics, because vectors of networks and perceptual hashes are alike in different ways.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import (
    UnmeasurableError,
    feature_matrix,
    output_vectors,
    unit_rows,
)
from evalharness.metrics.nearest import highest_cosine_within

ALIKE = 0.95
DIFFERING_BITS = 1 / 16


def repeated_by_cosine(features: ArrayLike, alike: float = ALIKE) -> NDArray[np.bool_]:
    """(n,): whether an output has cosine ≥ `alike` with another; features (n, d), n ≥ 2.

    Raises UnmeasurableError for NaN, zero rows and fewer than two rows.
    """
    found: NDArray[np.bool_] = highest_cosine_within(unit_rows(features, "the outputs")) >= alike
    return found


def repeated_by_hamming(bits: ArrayLike, differing: float = DIFFERING_BITS) -> NDArray[np.bool_]:
    """(n,): whether an output's hash differs from another's in at most this share of the bits.

    `bits` (n, d) holds 0 and 1; 4 of 64 bits may differ by default. Raises UnmeasurableError for
    other numbers and fewer than two rows.
    """
    rows = feature_matrix(bits, "the outputs")
    if not np.isin(rows, (0.0, 1.0)).all():
        raise UnmeasurableError(
            "Hamming distance compares bits, and these features hold other numbers than 0 and 1. "
            "Use near_duplicates.cosine, or an instrument that gives hashes."
        )
    # rows of ±1 have |x|² = d, so that cos = 1 − 2 · differing bits / d
    highest = highest_cosine_within((2.0 * rows - 1.0) / np.sqrt(rows.shape[1]))
    rounding = 1e-9
    found: NDArray[np.bool_] = highest >= 1.0 - 2.0 * differing - rounding
    return found


def _by_cosine(table: SetTable) -> SetValue:
    return SetValue(float(repeated_by_cosine(output_vectors(table)).mean()))


def _by_hamming(table: SetTable) -> SetValue:
    return SetValue(float(repeated_by_hamming(output_vectors(table)).mean()))


LIMITS = (
    "A property of this set: more outputs find more duplicates, so compare equal n; no interval, "
    "for the same reason; "
)

COSINE = SetMetric(
    facts=MetricFacts(
        name="near_duplicates.cosine",
        version=1,
        title="Near-duplicates",
        unit="share",
        direction="lower",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        about=About(
            measures="How many pictures nearly repeat another one of the same model, of any "
            "prompt or seed.",
            range="0…1",
            recipe="share of the outputs whose cosine with another output is at least 0.95",
            source="the usual definition; the threshold is ours",
            limits=LIMITS + "0.95 means different things to different instruments: compare "
            "models, not instruments.",
        ),
    ),
    measure=_by_cosine,
    minimum_n=lambda _d: 2,
)

HAMMING = SetMetric(
    facts=MetricFacts(
        name="near_duplicates.hamming",
        version=1,
        title="Near-duplicates (hash)",
        unit="share",
        direction="lower",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        reads="bits",
        about=About(
            measures="How many pictures are all but the same picture as another one of the same "
            "model, of any prompt or seed.",
            range="0…1",
            recipe="share of the outputs whose hash differs from another's in at most 1/16 of "
            "the bits (4 of 64)",
            source="the usual definition; the threshold is ours",
            limits=LIMITS + "hashes know light and dark only: flat pictures look alike, cropped "
            "or mirrored ones do not.",
        ),
    ),
    measure=_by_hamming,
    minimum_n=lambda _d: 2,
)
