"""`edit_pixels`: the half that compares. Imported only in the extractor's child.

In bands, so that pictures of 50 megapixels take no more memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torchmetrics.functional.image import structural_similarity_index_measure

from evalharness.core.nouns import Json
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.aligned_changes import Aligned, aligned
from evalharness.extractors.subjects import Pixels, changes
from evalharness.extractors.weightless import Weightless

BAND_PIXELS = 2**20
REACH = 5
"""Pixels from the middle of SSIM's Gaussian window (σ 1.5, 11×11) to its edge."""


def measurements(change: Aligned) -> dict[str, Json]:
    """What is left as it was, outside the region; names without a value are left out.

    `outside`: the share of pixels there, 0…1. `squared_error_outside`: the mean of squared
    differences over these pixels and three channels, in levels of 0…255. `ssim_outside`: the mean
    of SSIM (torchmetrics' functional, data range 255) over the windows that hold no pixel of the
    region; none where no window is free of it, or a side is shorter than 6 pixels.
    """
    found: dict[str, Json] = {"outside": float(change.outside.mean())}
    if change.outside.any():
        found["squared_error_outside"] = _squared_error(change)
    free = _free_windows(~change.outside)
    if free.any() and min(free.shape) > REACH:
        found["ssim_outside"] = _similarity(change, free)
    return found


def _bands(height: int, width: int) -> Iterator[tuple[int, int]]:
    rows = max(1, BAND_PIXELS // width)
    return ((start, min(start + rows, height)) for start in range(0, height, rows))


def _squared_error(change: Aligned) -> float:
    total = 0
    for start, end in _bands(*change.outside.shape):
        difference = cv2.absdiff(change.before[start:end], change.after[start:end])
        total += int((difference[change.outside[start:end]].astype(np.int64) ** 2).sum())
    return total / (3 * int(change.outside.sum()))


def _free_windows(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The middles of the windows that hold no marked pixel: bool (h, w)."""
    window = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    touched: NDArray[np.bool_] = cv2.dilate(marked.astype(np.uint8), window) > 0
    return ~touched


def _similarity(change: Aligned, free: NDArray[np.bool_]) -> float:
    height, width = free.shape
    equal = free & _free_windows((change.before != change.after).any(axis=2))
    unlike = free & ~equal
    total = float(equal.sum())  # each exactly 1, which single precision misses in smooth places
    for start, end in _bands(height, width):
        # rows beyond the band, as far as its windows reach; their own windows are incomplete
        first, last = max(0, start - REACH), min(height, end + REACH)
        if not unlike[start:end].any():
            continue
        _, every = structural_similarity_index_measure(
            _tensor(change.after[first:last]),
            _tensor(change.before[first:last]),
            data_range=255.0,
            return_full_image=True,
        )
        kept = every[0].mean(dim=0)[start - first : end - first]
        total += float(kept[torch.from_numpy(unlike[start:end])].double().sum())
    return total / int(free.sum())


def _tensor(picture: Pixels) -> torch.Tensor:
    """uint8 (h, w, 3) → float32 (1, 3, h, w)."""
    return torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32))


class EditPixelsExtractor(Weightless):
    """Compares pictures before and after an edit, one by one."""

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """The measurements of every edit; raises UnreadableSubjectError for anything else."""
        return [
            FeatureValue(detail=measurements(aligned(change)))
            for change in changes(subjects, "edit_pixels")
        ]
