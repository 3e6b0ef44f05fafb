"""Colours of found things, named by a CLIP model as GenEval does."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Picture, Text
from evalharness.extractors.objects_found import Found
from evalharness.extractors.open_clip_model import OpenClipExtractor
from evalharness.extractors.subjects import Pixels

COLOURS = (
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
    "black",
    "white",
)
TEMPLATES = (
    "a photo of a {colour} {label}",
    "a photo of a {colour}-colored {label}",
    "a photo of a {colour} object",
)
BATCH = 32


class TowerColours:
    """GenEval's zero-shot colours (Ghosh et al. 2023) over the crop of a box.

    The ten colour words in three templates, whose vectors are averaged and normalised; the
    nearest word names the crop. GenEval greys out what lies outside a thing's mask; detectors give
    no masks, so the whole box is seen, with what is behind the thing.
    """

    def __init__(self, tower: Instrument, resolution: Resolution) -> None:
        self._tower = OpenClipExtractor(tower, resolution)
        self._words: dict[str, NDArray[np.float32]] = {}

    def __enter__(self) -> Self:
        self._tower.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tower.__exit__(kind, error, trace)

    def name(self, picture: Pixels, things: Sequence[Found]) -> list[str]:
        """One of COLOURS for every thing in a picture."""
        named: list[str] = []
        for start in range(0, len(things), BATCH):
            some = things[start : start + BATCH]
            seen = self._tower.extract([Picture(_crop(picture, thing)) for thing in some])
            for thing, value in zip(some, seen, strict=True):
                likeness = self._words_for(thing.label) @ _vector(value)
                named.append(COLOURS[int(likeness.argmax())])
        return named

    def _words_for(self, label: str) -> NDArray[np.float32]:
        """Unit vectors (colours, d) of a label in every colour."""
        if label not in self._words:
            texts = [Text(t.format(colour=c, label=label)) for c in COLOURS for t in TEMPLATES]
            vectors = np.stack([_vector(value) for value in self._tower.extract(texts)])
            means = vectors.reshape(len(COLOURS), len(TEMPLATES), -1).mean(axis=1)
            self._words[label] = means / np.linalg.norm(means, axis=1, keepdims=True)
        return self._words[label]


def _vector(value: FeatureValue) -> NDArray[np.float32]:
    assert value.vector is not None, "open_clip gives a vector of everything it reads"
    return value.vector


def _crop(picture: Pixels, thing: Found) -> Pixels:
    x0, y0 = int(thing.box[0]), int(thing.box[1])
    x1, y1 = int(np.ceil(thing.box[2])), int(np.ceil(thing.box[3]))
    return np.ascontiguousarray(picture[y0:y1, x0:x1])
