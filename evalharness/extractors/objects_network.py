"""`objects`: the half that holds the networks. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from transformers import AutoConfig
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_ZERO_SHOT_OBJECT_DETECTION_MAPPING_NAMES as OPEN_KINDS,
)

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.colour_names import TERMS, colour_of
from evalharness.extractors.instrument_options import share, words
from evalharness.extractors.objects import NAMED, THRESHOLD, colour_tower, counting
from evalharness.extractors.objects_closed import ClosedDetector
from evalharness.extractors.objects_colours import COLOURS, TowerColours
from evalharness.extractors.objects_found import Found
from evalharness.extractors.objects_open import OpenDetector
from evalharness.extractors.subjects import Pixels, by_size, pairs, pixels
from evalharness.extractors.transformers_models import load_processor, model_folder

READER = "objects"
MOST = 100
"""The surest boxes of a picture that are kept."""


class ObjectsExtractor:
    """`detail` holds what was found, the surest first, at most 100:

    `{"objects": [{"label", "confidence" (0…1), "box": [x0, y0, x1, y1], "colour"}, …], "width",
    "height", "classes", "colours", "counting"?}`, boxes in pixels of the picture as it came.
    `classes` and `colours` are all that could have been told, so that what is missing can be told
    from what is unknown; `counting` is the option. Colours: see `objects_colours` and
    `colour_names`; both look at a box, where GenEval looks at a mask.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution
        self._threshold = share(instrument, "threshold", THRESHOLD)
        self._labels = words(instrument, "labels")
        self._counting = counting(instrument)
        self._named = instrument.extractor == NAMED.name

    def __enter__(self) -> Self:
        detector, *towers = self._resolution.adapters
        folder = model_folder(self._instrument, detector)
        kind = load_processor(AutoConfig, folder, self._instrument).model_type
        self._check_labels(is_open=kind in OPEN_KINDS)
        self._detector: ClosedDetector | OpenDetector = (
            OpenDetector(folder, self._instrument, self._threshold)
            if kind in OPEN_KINDS
            else ClosedDetector(folder, self._instrument, self._threshold)
        )
        self._colours: TowerColours | None = None
        self._opened = ExitStack()
        tower = colour_tower(self._instrument)
        if tower is not None:
            self._colours = self._opened.enter_context(TowerColours(tower, towers[0]))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()
        del self._detector, self._colours

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One value per picture or pair; raises UnreadableSubjectError for what it cannot take."""
        if self._named:
            shown = pairs(subjects, READER)
            pictures, labels = [p for p, _ in shown], [labels_in(text) for _, text in shown]
        else:
            pictures = pixels(subjects, READER)
            labels = [self._labels] * len(pictures)
        found = self._find(pictures, labels)
        closed = self._detector.classes if isinstance(self._detector, ClosedDetector) else None
        return [
            FeatureValue(detail={**self._told(p, f), "classes": list(closed or asked)})
            for p, f, asked in zip(pictures, found, labels, strict=True)
        ]

    def _check_labels(self, *, is_open: bool) -> None:
        """Raise BadInputError where a detector is given labels it cannot use, or lacks them."""
        name = self._instrument.name
        if not is_open and (self._named or self._labels):
            raise BadInputError(
                f"instrument {name!r}: this detector knows only the classes it was trained on. Use "
                "it as `objects` without labels, or an open-vocabulary detector, such as owlv2."
            )
        if is_open and not self._named and not self._labels:
            raise BadInputError(
                f"instrument {name!r}: an open-vocabulary detector has to be told what to look "
                "for. Give the option `labels`, or use `named_objects`, which reads texts."
            )

    def _find(
        self, pictures: Sequence[Pixels], labels: Sequence[tuple[str, ...]]
    ) -> list[list[Found]]:
        """Pictures of one size together: padding would make results depend on batch-mates."""
        placed: dict[int, list[Found]] = {}
        if isinstance(self._detector, OpenDetector):
            for i, (picture, asked) in enumerate(zip(pictures, labels, strict=True)):
                placed[i] = self._detector.find(picture, asked)
        else:
            for positions, batch in by_size(pictures):
                placed.update(zip(positions, self._detector.find(batch), strict=True))
        return [placed[i] for i in range(len(pictures))]

    def _told(self, picture: Pixels, found: Sequence[Found]) -> dict[str, Json]:
        height, width = picture.shape[:2]
        inside = (thing.inside(width, height) for thing in found)
        kept = sorted((t for t in inside if t is not None), key=lambda t: -t.confidence)[:MOST]
        colours = (
            self._colours.name(picture, kept)
            if self._colours is not None
            else [colour_of(picture, thing.box) for thing in kept]
        )
        objects: list[Json] = [
            {
                "label": thing.label,
                "confidence": round(thing.confidence, 4),
                "box": [round(side, 2) for side in thing.box],
                "colour": colour,
            }
            for thing, colour in zip(kept, colours, strict=True)
        ]
        told: dict[str, Json] = {"objects": objects, "width": width, "height": height}
        told["colours"] = list(TERMS if self._colours is None else COLOURS)
        return told if self._counting is None else {**told, "counting": self._counting}


def labels_in(text: str) -> tuple[str, ...]:
    """The labels of a pair's text, which stand between full stops; each once, in order."""
    return tuple(dict.fromkeys(label.strip() for label in text.split(".") if label.strip()))
