"""An extractor without a network, so that anyone can run the whole pipeline in a second.

A picture's vector is its colour statistics, a text's (and a pair's) is made from its digest. Both
are 16-dimensional and never zero; equal subjects get equal vectors on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import Change, Exchange, FeatureValue, Pair, Seeable, Text
from evalharness.extractors.subjects import (
    Pixels,
    UnreadableSubjectError,
    changes,
    exchanges,
    pairs,
    pixels,
    words,
)
from evalharness.extractors.weightless import Weightless

DIMENSIONS = 16


def picture_vector(picture: Pixels) -> NDArray[np.float32]:
    """Mean colours of the four quarters (12), colour spread (3), and 1: float32 (16,) in 0…1.

    Raises UnreadableSubjectError for a picture without four quarters (below 2×2 pixels).
    """
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    if not height or not width:
        raise UnreadableSubjectError(
            f"The fake extractor needs pictures of at least 2×2 pixels; found {picture.shape[:2]}."
        )
    quarters = (
        picture[rows, columns].reshape(-1, 3).mean(axis=0)
        for rows in (slice(None, height), slice(height, None))
        for columns in (slice(None, width), slice(width, None))
    )
    spread = picture.reshape(-1, 3).std(axis=0)
    return np.concatenate([*quarters, spread, [255.0]]).astype(np.float32) / np.float32(255.0)


def text_vector(text: str) -> NDArray[np.float32]:
    """The first 16 bytes of the text's sha256: float32 (16,) in 0.002…1."""
    start = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:DIMENSIONS]
    vector: NDArray[np.float32] = (np.frombuffer(start, np.uint8) + np.float32(0.5)) / 255.5
    return vector.astype(np.float32)


class FakeExtractor(Weightless):
    """Deterministic vectors; `scalar` is a picture's (or a pair's) mean brightness in 0…1.

    An exchange's is the share of the answer's words that stand in what is asked, a change's is how
    little the brightness moved.
    """

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One value per subject; raises UnreadableSubjectError for pictures below 2×2 pixels."""
        if subjects and isinstance(subjects[0], Text):
            return [FeatureValue(vector=text_vector(t)) for t in words(subjects, "fake")]
        if subjects and isinstance(subjects[0], Pair):
            return [
                FeatureValue(vector=text_vector(text), scalar=float(picture.mean() / 255.0))
                for picture, text in pairs(subjects, "fake")
            ]
        if subjects and isinstance(subjects[0], Exchange):
            return [FeatureValue(scalar=_agreement(e)) for e in exchanges(subjects, "fake")]
        if subjects and isinstance(subjects[0], Change):
            return [FeatureValue(scalar=_unchanged(c)) for c in changes(subjects, "fake")]
        return [
            FeatureValue(vector=picture_vector(p), scalar=float(p.mean() / 255.0))
            for p in pixels(subjects, "fake")
        ]


def _agreement(exchange: Exchange) -> float:
    """The share of the answer's words that stand in what is asked about it."""
    words_given = exchange.answer.split()
    return sum(word in exchange.asked for word in words_given) / max(1, len(words_given))


def _unchanged(change: Change) -> float:
    """1 less the difference of the mean brightness before and after, in 0…1."""
    return 1.0 - abs(float(change.before.mean()) - float(change.after.mean())) / 255.0


def resolve(_instrument: Instrument) -> Resolution:
    """Nothing to find: the code is the weights, and the entry's version identifies it."""
    return Resolution(revision="code", location="")


ENTRY = ExtractorEntry(
    name="fake",
    version=1,
    reads=frozenset({"picture", "text", "pair", "exchange", "change"}),
    gives=frozenset({"vector", "logits", "rating", "preference", "probability", "confidence"}),
    resolve=resolve,
    implementation="evalharness.extractors.fake:FakeExtractor",
    packaged=True,
)
