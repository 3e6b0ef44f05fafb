"""`style_statistics`: the half that counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.subjects import Pixels, pixels
from evalharness.extractors.weightless import Weightless

READER = "style_statistics"
PIXELS = 256 * 256
"""Pictures are brought to this area first, so that a style has the same marks at any size."""
COLOURS = 5
"""Bins a side of the CIELAB histogram."""
SCALES, DIRECTIONS = 4, 8
STEPS = (0, 0.25, 0.5, 1, 2, 4, 8, 16, 1e9)
"""Bins of the strength of slopes and curvature, in L* a pixel."""
DIMENSIONS = COLOURS**3 + SCALES * (DIRECTIONS + 1) + SCALES * 2 * (len(STEPS) - 1)
FAINT = 0.5
"""Slopes below this (L* a pixel) are noise of rounding and have no direction worth counting."""
PALETTE, MARKS, HARDNESS = 0.2, 0.4, 0.4
"""Shares of the squared length. Colour has the least, it follows what is shown: of 96 pictures in
tinyworld's four aesthetics it alone finds 58 % nearest their own, marks 97 %, all three 95 %."""


def style_vector(picture: Pixels) -> NDArray[np.float32]:
    """Colour and texture as a unit vector: float32 (225,), all ≥ 0; compared by cosine.

    Three groups, each a distribution under its square root so that no single bin drowns the
    others: the CIELAB histogram (5×5×5 over the sRGB gamut); on four octaves of L*, how much slope
    there is by direction (8) and how much curvature (1); and on the same octaves the histograms of
    slope and of curvature (hard or soft edges). A picture of one colour has no second group.
    """
    small = _at_common_area(picture)
    lab: Any = cv2.cvtColor(small.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    marks, hardness = _texture(np.ascontiguousarray(lab[..., 0]))
    groups = ((PALETTE, _palette(lab)), (MARKS, marks), (HARDNESS, hardness))
    vector = np.concatenate([np.sqrt(weight * _shares(counts)) for weight, counts in groups])
    unit: NDArray[np.float32] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit


def _at_common_area(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    scale = (PIXELS / (height * width)) ** 0.5
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=how), np.uint8)


def _palette(lab: NDArray[np.float32]) -> NDArray[np.float64]:
    """How many pixels fall in every cell of L* 0…100, a* −90…100, b* −110…100."""
    low, high = np.array([0, -90, -110], np.float32), np.array([100.01, 100, 100], np.float32)
    places = ((lab.reshape(-1, 3) - low) * (COLOURS / (high - low))).astype(int)
    cells = places.clip(0, COLOURS - 1) @ np.array([COLOURS**2, COLOURS, 1])
    return np.bincount(cells, minlength=COLOURS**3).astype(np.float64)


def _texture(
    lightness: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Per octave the mean slope in 8 directions (mod 180°) and mean curvature; and histograms."""
    marks, hardness = [], []
    for _ in range(SCALES):
        across = cv2.Sobel(lightness, cv2.CV_32F, 1, 0, scale=1 / 8)
        down = cv2.Sobel(lightness, cv2.CV_32F, 0, 1, scale=1 / 8)
        slope = np.hypot(across, down)
        strength = np.where(slope < FAINT, 0, slope)
        angle = np.arctan2(down, across) % np.pi
        bins = np.minimum((angle / np.pi * DIRECTIONS).astype(int), DIRECTIONS - 1)
        slopes = np.bincount(bins.ravel(), strength.ravel(), DIRECTIONS) / lightness.size
        curved = np.abs(cv2.Laplacian(lightness, cv2.CV_32F))
        marks.append(np.append(slopes, curved[curved >= FAINT].sum() / lightness.size))
        hardness += [_by_strength(slope), _by_strength(curved)]
        lightness = np.asarray(cv2.pyrDown(lightness), np.float32)
    return np.concatenate(marks), np.concatenate(hardness)


def _by_strength(kind: NDArray[np.float32]) -> NDArray[np.float64]:
    """The share of places with each of the strengths between STEPS."""
    steps = np.digitize(kind.ravel(), STEPS[1:-1])
    return np.bincount(steps, minlength=len(STEPS) - 1) / kind.size


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    total = counts.sum()
    return counts / total if total > 0 else counts


class StyleStatisticsExtractor(Weightless):
    """A vector of colour and texture per picture."""

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One vector per picture; raises UnreadableSubjectError for anything else."""
        return [FeatureValue(vector=style_vector(p)) for p in pixels(subjects, READER)]
