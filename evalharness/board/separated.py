"""When a difference is certain enough to call one side the better one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from evalharness.board.columns import MetricColumn
from evalharness.board.paired import PairedDifference

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALPHA = 0.05
"""Adjusted p values below this separate two sides."""

Better: TypeAlias = Literal["first", "second", ""]
"""Which side is separated as the better one; empty where neither is."""


def adjusted_by(
    adjust: Callable[[list[float]], NDArray[np.float64]],
    pairs: Sequence[PairedDifference | None],
) -> list[float | None]:
    """The p values of differences adjusted for all of them; None where nothing was tested."""
    p = [math.nan if pair is None or pair.p is None else pair.p for pair in pairs]
    return [float(q) if math.isfinite(q) else None for q in adjust(p)]


def better(pair: PairedDifference | None, adjusted: float | None, column: MetricColumn) -> Better:
    """The side of a difference (second − first) that is separated as the better one."""
    if pair is None or pair.difference is None or adjusted is None or not adjusted < ALPHA:
        return ""
    return "second" if (pair.difference > 0) == (column.direction == "higher") else "first"
