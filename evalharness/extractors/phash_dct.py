"""`phash`: the half that computes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.subjects import Pixels, pixels
from evalharness.extractors.weightless import Weightless

READER = "phash"
SIDE, LOW = 32, 8


def perceptual_hash(picture: Pixels) -> NDArray[np.float32]:
    """64 zeros and ones, float32 (64,), row by row: which low frequencies exceed their median.

    Grey (ITU-R 601) at 32×32 (Lanczos), a cosine transform, its 8×8 lowest frequencies: the hash
    that imagehash calls `phash`. Equal pictures differ in no place, unrelated ones in about 32;
    a picture of one colour gives rounding noise or zeros, and its hash says nothing.
    """
    grey = Image.fromarray(picture).convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    low = dctn(np.asarray(grey, np.float64), type=2)[:LOW, :LOW]
    bits: NDArray[np.float32] = (low > np.median(low)).astype(np.float32).ravel()
    return bits


class PhashExtractor(Weightless):
    """A perceptual hash of 64 bits per picture; compared by how many places differ."""

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One vector per picture; raises UnreadableSubjectError for anything else."""
        return [FeatureValue(vector=perceptual_hash(p)) for p in pixels(subjects, READER)]
