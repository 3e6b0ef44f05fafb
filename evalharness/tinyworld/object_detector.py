"""`tiny_objects`: from pictures to lists of objects. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError

from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.core.outcomes import FeatureValue, Picture, Seeable
from evalharness.tinyworld.object_network import CELL, NOTHING, REACH, SIZE, load_network
from evalharness.tinyworld.scene import COLOURS, OBJECTS

LEAST_CONFIDENCE = 0.1
"""Weaker detections are not told."""

_COLOURS = tuple(COLOURS)


@dataclass(frozen=True)
class Detection:
    """An object that was found: ``box`` is x0, y0, x1, y1 in pixels, ``confidence`` in 0..1."""

    label: str
    confidence: float
    box: tuple[float, float, float, float]
    colour: str


class ObjectDetector:
    """The trained network, as an extractor and for direct use.

    A feature's detail lists the objects, the surest first:
    ``{"objects": [{"label", "confidence", "box", "colour"}, …], "width", "height",
    "classes", "colours"}``, the last two being all that it can tell.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument = instrument
        self._folder = Path(str(resolution.location))

    def __enter__(self) -> Self:
        """Load the network; raises MissingWeightsError where the weights are another's."""
        try:
            self._net = load_network(self._folder)
        except (OSError, RuntimeError, SafetensorError) as error:
            raise MissingWeightsError(
                f"instrument {self._instrument.name!r}: {self._folder} does not hold the weights "
                f"of tiny-objects ({type(error).__name__}: {error}). Give a folder that "
                "`python -m evalharness.tinyworld.train --only tiny-objects` wrote."
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._net

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """The objects in each picture; raises BadInputError for anything else."""
        pictures = [_pixels(subject, i) for i, subject in enumerate(subjects)]
        return [
            FeatureValue(detail=_detail(picture, found))
            for picture, found in zip(pictures, self.detect(pictures), strict=True)
        ]

    @torch.inference_mode()
    def detect(self, pictures: Sequence[NDArray[np.uint8]]) -> list[list[Detection]]:
        """The objects in uint8 pictures (h, w, 3) of any size, the surest of each first."""
        if not pictures:
            return []
        batch = np.stack([as_seen(picture) for picture in pictures]).transpose(0, 3, 1, 2)
        seen = self._net(torch.from_numpy(np.ascontiguousarray(batch)).float() / 127.5 - 1)
        maps = {
            "object": seen["object"].softmax(1).numpy(),
            "colour": seen["colour"].argmax(1).numpy(),
            "reach": seen["reach"].numpy(),
        }
        return [
            _detections({name: values[i] for name, values in maps.items()}, picture.shape)
            for i, picture in enumerate(pictures)
        ]


def as_seen(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture as the network sees it: uint8 (64, 64, 3)."""
    if picture.shape[:2] == (SIZE, SIZE):
        return picture
    return np.asarray(cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.uint8)


def _pixels(subject: Seeable, index: int) -> NDArray[np.uint8]:
    if not isinstance(subject, Picture):
        raise BadInputError(
            f"tiny_objects reads pictures; subject {index} is a {type(subject).__name__}."
        )
    pixels = subject.pixels
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise BadInputError(
            f"tiny_objects reads uint8 pictures of shape (height, width, 3); picture {index} is "
            f"{pixels.dtype} of shape {pixels.shape}. Decode it as RGB."
        )
    return pixels


def _detections(maps: dict[str, NDArray[np.floating]], shape: tuple[int, ...]) -> list[Detection]:
    """The surest cell of every object; the cells in a surer one's box are of the same object."""
    chances = maps["object"][:NOTHING]
    confidence = chances.max(0)
    rows, columns = np.nonzero(confidence >= LEAST_CONFIDENCE)
    order = np.argsort(-confidence[rows, columns], kind="stable")
    scale = np.array([shape[1], shape[0]]) / SIZE
    kept: list[Detection] = []
    for row, column in zip(rows[order], columns[order], strict=True):
        x, y = (np.array([column, row]) + 0.5) * CELL * scale
        if any(one.box[0] <= x <= one.box[2] and one.box[1] <= y <= one.box[3] for one in kept):
            continue
        reach = np.maximum(maps["reach"][:, row, column], 0.0) * REACH
        corners = np.array([x, y, x, y]) + reach * [-1, -1, 1, 1] * [*scale, *scale]
        x0, y0, x1, y1 = corners.tolist()
        kept.append(
            Detection(
                label=OBJECTS[int(chances[:, row, column].argmax())],
                confidence=float(confidence[row, column]),
                box=(max(x0, 0.0), max(y0, 0.0), min(x1, shape[1]), min(y1, shape[0])),
                colour=_COLOURS[int(maps["colour"][row, column])],
            )
        )
    return kept


def _detail(picture: NDArray[np.uint8], found: Sequence[Detection]) -> Json:
    objects: list[Json] = [
        {
            "label": thing.label,
            "confidence": thing.confidence,
            "box": list(thing.box),
            "colour": thing.colour,
        }
        for thing in found
    ]
    known: dict[str, Json] = {"classes": list(OBJECTS), "colours": list(_COLOURS)}
    return {"objects": objects, "width": picture.shape[1], "height": picture.shape[0], **known}
