"""The technical measurements of a picture, in strips, so that 50 megapixels take no more memory.

Luminance is that of ITU-R BT.601 on the stored (gamma-coded) values, in levels of 0…255.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.core.nouns import Json
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.pixel_structure import banding, noise, sharpness
from evalharness.extractors.subjects import Pixels, pixels
from evalharness.extractors.weightless import Weightless

STRIP_PIXELS = 2**20
_DARKEST, _LIGHTEST = 1, 254


def strips(picture: Pixels) -> Iterator[Pixels]:
    """Whole rows of a picture, about a megapixel at a time."""
    rows = max(1, STRIP_PIXELS // picture.shape[1])
    for start in range(0, len(picture), rows):
        yield picture[start : start + rows]


def tones(luminance: NDArray[np.uint8]) -> dict[str, float]:
    """Mean, deviation (both over 255), and shares of clipped pixels, of luminance (h, w).

    Clipped dark is luminance 1 or less, clipped light 254 or more.
    """
    counts = np.zeros(256)
    for strip in strips(luminance):
        counts += np.bincount(strip.ravel(), minlength=256)
    shares, levels = counts / counts.sum(), np.arange(256)
    mean = float(shares @ levels)
    return {
        "brightness": mean / 255,
        "contrast": float(np.sqrt(shares @ (levels - mean) ** 2)) / 255,
        "clipped_dark": float(shares[: _DARKEST + 1].sum()),
        "clipped_light": float(shares[_LIGHTEST:].sum()),
    }


def colours(picture: Pixels) -> dict[str, float]:
    """Colourfulness (Hasler & Süsstrunk 2003), and the largest deviation of a channel in levels.

    With rg = R − G and yb = (R + G)/2 − B: √(σ²rg + σ²yb) + 0.3 · √(μ²rg + μ²yb). Both are at
    least 0.
    """
    mean = picture.reshape(-1, 3)[0].astype(np.float64)  # any value near the picture's own
    sums, products = np.zeros(3), np.zeros((3, 3))
    for strip in strips(picture):
        values = strip.reshape(-1, 3) - mean
        sums += values.sum(axis=0)
        products += values.T @ values
    n = picture.shape[0] * picture.shape[1]
    covariance = products / n - np.outer(sums / n, sums / n)
    opponents = np.array([[1.0, -1.0, 0.0], [0.5, 0.5, -1.0]])
    spread = np.trace(opponents @ covariance @ opponents.T)
    offset = np.linalg.norm(opponents @ (mean + sums / n))
    return {
        "colourfulness": float(np.sqrt(max(spread, 0.0)) + 0.3 * offset),
        "spread": float(np.sqrt(max(covariance.diagonal().max(), 0.0))),
    }


def measurements(picture: Pixels) -> dict[str, float]:
    """Everything that can be said of uint8 RGB (h, w, 3); what a picture is too small for is left
    out.
    """
    luminance = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    maybe = {
        "sharpness": sharpness(luminance),
        "noise": noise(luminance),
        "banding": banding(luminance),
    }
    known = {name: value for name, value in maybe.items() if value is not None}
    return tones(luminance) | colours(picture) | known


class PixelsExtractor(Weightless):
    """Measures pictures one by one."""

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """The measurements of every picture; raises UnreadableSubjectError for anything else."""
        found: list[FeatureValue] = []
        for picture in pixels(subjects, "pixels"):
            detail: dict[str, Json] = dict(measurements(np.ascontiguousarray(picture)))
            found.append(FeatureValue(detail=detail))
        return found
