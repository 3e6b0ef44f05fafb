"""`ocr`: the half that holds the networks. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from rapidocr import RapidOCR
from rapidocr.utils.output import RapidOCROutput

from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.subjects import Pixels, UnreadableSubjectError, pixels

READER = "ocr"
SETTINGS = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "EngineConfig.onnxruntime.intra_op_num_threads": 2,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Det.limit_side_len": 320,
}
"""Lettering is taken to stand upright: the network that turns pictures upside down turned good
ones too (4 of 108 rendered words). Pictures with a side below 320 pixels are enlarged to it before
words are looked for. RapidOCR's own 736 reads drawn words in 256×256 no better, down to letters of
14 pixels, in five times the time."""


class OcrExtractor:
    """The words of a picture in reading order, joined by spaces; "" where it shows none.

    `scalar` is the mean confidence of the pieces read (0.5…1: RapidOCR drops what it reads with
    less), None without any; `detail` lists them with their corners in pixels.
    """

    def __init__(self, instrument: Instrument, _resolution: Resolution) -> None:
        self._instrument = instrument

    def __enter__(self) -> Self:
        blank = np.full((48, 192, 3), 255, np.uint8)
        try:
            self._engine: Any = RapidOCR(params=SETTINGS)
            # Networks are loaded at first use: these two calls load both, here and not later.
            self._engine(blank, use_det=True)
            self._engine(blank, use_det=False)
        except Exception as error:
            raise MissingWeightsError(
                f"instrument {self._instrument.name!r}: RapidOCR cannot load its networks "
                f"({type(error).__name__}: {error}). Install the rapidocr package again."
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._engine

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One value per picture; raises UnreadableSubjectError for anything it cannot take."""
        return [self._read(picture) for picture in pixels(subjects, READER)]

    def _read(self, picture: Pixels) -> FeatureValue:
        try:
            # It expects BGR, and remembers `use_det` from the call before.
            found = self._engine(np.ascontiguousarray(picture[..., ::-1]), use_det=True)
        except Exception as error:
            raise UnreadableSubjectError(
                f"RapidOCR cannot read a picture of {picture.shape[1]}×{picture.shape[0]} pixels "
                f"({type(error).__name__}: {error})."
            ) from error
        if not isinstance(found, RapidOCROutput) or not len(found):
            return FeatureValue(text="", detail={"boxes": []})
        return _as_value(found)


def _as_value(found: Any) -> FeatureValue:
    order = reading_order(found.boxes)
    boxes: list[Json] = [
        {
            "text": found.txts[i],
            "confidence": round(float(found.scores[i]), 4),
            "corners": [[round(float(x), 1), round(float(y), 1)] for x, y in found.boxes[i]],
        }
        for i in order
    ]
    return FeatureValue(
        scalar=float(np.mean(found.scores)),
        text=" ".join(found.txts[i] for i in order),
        detail={"boxes": boxes},
    )


def reading_order(boxes: NDArray[np.float32]) -> list[int]:
    """Positions of boxes (n, 4 corners, 2) by lines from the top, each line from the left.

    A box belongs to the line above it while its middle is within half that line's height.
    """
    middles = boxes[:, :, 1].mean(axis=1)
    heights = np.ptp(boxes[:, :, 1], axis=1)
    lines: list[list[int]] = []
    for i in np.argsort(middles, kind="stable").tolist():
        line = lines[-1] if lines else []
        if line and middles[i] - middles[line].mean() <= heights[line].mean() / 2:
            line.append(i)
        else:
            lines.append([i])
    left = boxes[:, :, 0].min(axis=1)
    return [i for line in lines for i in sorted(line, key=lambda j: float(left[j]))]
