"""Both pictures of an edit in one size, and which pixels were to stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from evalharness.core.outcomes import Change
from evalharness.extractors.subjects import Pixels


@dataclass(frozen=True, slots=True)
class Aligned:
    """An edit in the size of its answer: uint8 (h, w, 3) twice, and bool (h, w), True outside
    the region that was to be changed; all True where no region was named.
    """

    before: Pixels
    after: Pixels
    outside: NDArray[np.bool_]


def aligned(change: Change) -> Aligned:
    """The picture before as a model got it: brought to the answer's size as inputs are, which is
    smoothly (Lanczos), its region without smoothing. The answer's own pixels are never resampled.
    """
    height, width, _ = change.after.shape
    before = Image.fromarray(change.before)
    if before.size != (width, height):
        before = before.resize((width, height), Image.Resampling.LANCZOS)
    if change.region is None:
        outside = np.ones((height, width), np.bool_)
    else:
        marked = Image.fromarray(change.region.astype(np.uint8))
        outside = np.asarray(marked.resize((width, height), Image.Resampling.NEAREST)) == 0
    return Aligned(np.asarray(before), change.after, outside)
