"""The interval of a mean over groups of prompts, the unit that was sampled."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from evalharness.core.tables import SetValue
from evalharness.metrics.features import UnmeasurableError


def mean_of_groups(values: ArrayLike, what: str) -> SetValue:
    """The mean of one value a group (C,) with the 95 % t interval over groups.

    x̄ ± t(C−1) · s/√C (Miller 2024, arXiv:2411.00640). Raises UnmeasurableError for fewer than two
    groups, whose spread is unknown; `what` says what a group is.
    """
    found = np.asarray(values, dtype=np.float64)
    if len(found) < 2:
        raise UnmeasurableError(f"Only {len(found)} {what}; at least 2 are needed.")
    mean = float(found.mean())
    half = float(stdtrit(len(found) - 1, 0.975)) * float(found.std(ddof=1)) / math.sqrt(len(found))
    return SetValue(mean, mean - half, mean + half)
