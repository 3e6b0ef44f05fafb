"""Sharpness, noise and banding of luminance, uint8 (h, w); None where a picture is too small."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Luminance = NDArray[np.uint8]

SHARPNESS_SIDE = 512
"""Pixels of the longer side at which sharpness is read, so that enlarging wins nothing."""

_STRIP_PIXELS = 2**20
_NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_FLAT = 3
_SMALLEST_STEP, _LARGEST_STEP = 2, 10
_FEW_CHANGES = 1e-3


def _strips(luminance: Luminance, overlap: int = 0) -> Iterator[Luminance]:
    """Rows, about a megapixel at a time; each strip shares its last `overlap` with the next."""
    rows = max(1, _STRIP_PIXELS // luminance.shape[1])
    for start in range(0, len(luminance) - overlap, rows):
        yield luminance[start : start + rows + overlap]


def sharpness(luminance: Luminance) -> float | None:
    """Variance of the Laplacian (levels²) with the longer side averaged down to 512 pixels.

    Pech-Pacheco et al. 2000. Smaller pictures are read as they are; below 3×3 there is none.
    """
    height, width = luminance.shape
    if min(height, width) < 3:
        return None
    scale = SHARPNESS_SIDE / max(height, width)
    if scale < 1:
        size = max(3, round(width * scale)), max(3, round(height * scale))
        luminance = np.asarray(cv2.resize(luminance, size, interpolation=cv2.INTER_AREA), np.uint8)
    laplacian = np.asarray(cv2.Laplacian(luminance, cv2.CV_32F), np.float64)
    return float(laplacian.var())


def noise(luminance: Luminance) -> float | None:
    """Deviation of the noise in levels, by Immerkær 1996: √(π/2)/6 · mean |I ∗ N|.

    N is the difference of two Laplacians, blind to constant slopes. Below 3×3 there is none.
    """
    height, width = luminance.shape
    if min(height, width) < 3:
        return None
    total = 0.0
    for strip in _strips(luminance, overlap=2):
        rough = cv2.filter2D(strip, cv2.CV_32F, _NOISE_KERNEL)[1:-1, 1:-1]
        total += float(np.abs(rough).sum(dtype=np.float64))
    return float(np.sqrt(np.pi / 2) / 6 * total / ((height - 2) * (width - 2)))


def banding(luminance: Luminance) -> float | None:
    """Share of small tonal changes (1 to 10 levels) that are lone steps, in 0…1.

    A lone step is one of 2 to 10 levels between two runs of at least four equal pixels along its
    row or column. A smooth 8-bit slope changes by single levels, so it has none. Where changes are
    rarer than one in a thousand pixels they count as that many. Below 8×8 there is none.
    """
    if min(luminance.shape) < 2 * _FLAT + 2:
        return None
    counted = [_steps(strip) for way in (luminance, luminance.T) for strip in _strips(way)]
    lone, small, places = np.sum(counted, axis=0)
    return float(lone / max(small, _FEW_CHANGES * places))


def _steps(strip: Luminance) -> tuple[int, int, int]:
    """Along each row: lone steps, small changes, and all pairs of neighbours."""
    change = np.abs(np.diff(strip.astype(np.int16), axis=1))
    small = (change >= 1) & (change <= _LARGEST_STEP)
    lone = small & (change >= _SMALLEST_STEP)
    flat = change == 0
    width = change.shape[1]
    for distance in range(1, _FLAT + 1):
        lone[:, distance:] &= flat[:, : width - distance]
        lone[:, : width - distance] &= flat[:, distance:]
    lone[:, :_FLAT] = lone[:, width - _FLAT :] = False  # their runs would leave the picture
    return int(lone.sum()), int(small.sum()), change.size
