"""`laion_aesthetic`: the half that holds the networks. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np
import torch

from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Picture, Seeable
from evalharness.extractors.checkpoint_file import load_state
from evalharness.extractors.fp32 import full_precision, to_rows
from evalharness.extractors.laion_aesthetic import tower_of
from evalharness.extractors.linear_stack import linear_stack
from evalharness.extractors.open_clip_model import OpenClipExtractor
from evalharness.extractors.subjects import pixels

READER = "laion_aesthetic"


class LaionAestheticExtractor:
    """The scalar of a picture is its rating, about 1…10, from its unit-length CLIP vector."""

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument = instrument
        self._weights, tower = resolution.adapters
        self._tower = OpenClipExtractor(tower_of(instrument), tower)

    def __enter__(self) -> Self:
        state = load_state(self._instrument, self._weights)
        self._tower.__enter__()
        blank = Picture(np.zeros((8, 8, 3), np.uint8))
        width = len(self._vectors([blank])[0])
        self._head = linear_stack(state, width, self._instrument).eval()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tower.__exit__(kind, error, trace)

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One scalar per picture; raises UnreadableSubjectError for anything else, and for NaN."""
        pictures = [Picture(picture) for picture in pixels(subjects, READER)]
        if not pictures:
            return []
        with full_precision():
            ratings = self._head(self._vectors(pictures))
        return [FeatureValue(scalar=float(row[0])) for row in to_rows(ratings, READER)]

    def _vectors(self, pictures: Sequence[Picture]) -> torch.Tensor:
        seen = self._tower.extract(pictures)
        return torch.from_numpy(np.stack([v.vector for v in seen if v.vector is not None]))
