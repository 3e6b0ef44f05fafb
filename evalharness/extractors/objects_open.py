"""Detectors of whatever they are told to look for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument
from evalharness.extractors.fp32 import best_device, full_precision
from evalharness.extractors.objects_found import Found, check_finite
from evalharness.extractors.subjects import Pixels, UnreadableSubjectError
from evalharness.extractors.transformers_models import load_model, load_processor

OWL = ("owlv2", "owlvit")
GROUNDED = ("grounding-dino", "mm-grounding-dino")
LARGEST = 1920
"""Pictures with a longer side are first reduced by a whole factor: OWLv2 pads in floats."""
TEMPLATE = "a photo of a {}"
"""How OWL's labels are put to it, as its authors do for single labels."""


class OpenDetector:
    """OWL-ViT, OWLv2 or Grounding DINO; one picture at a time, each with its own labels.

    OWL gives every box the label it matches best. Grounding DINO reads all labels as one text and
    scores its tokens; a label's score is that of its surest token, so that every box has one of
    the labels asked for (the library's own post-processing may tell parts of several).
    """

    def __init__(self, folder: Path, instrument: Instrument, threshold: float) -> None:
        self._name, self._threshold = instrument.name, threshold
        self._device = best_device()
        model = load_model(AutoModelForZeroShotObjectDetection, folder, instrument)
        self._kind = str(model.config.model_type)
        if self._kind not in (*OWL, *GROUNDED):
            raise BadInputError(
                f"instrument {instrument.name!r}: {folder} is a {self._kind} model; of "
                f"open-vocabulary detectors {', '.join((*OWL, *GROUNDED))} are known."
            )
        self._model: Any = model.to(self._device)
        self._processor: Any = load_processor(AutoProcessor, folder, instrument)

    def find(self, picture: Pixels, labels: Sequence[str]) -> list[Found]:
        """The things of these labels in a picture; raises UnreadableSubjectError without any."""
        if not labels:
            raise UnreadableSubjectError(
                f"{self._name} was told nothing to look for. Put labels in the text, between full "
                "stops, such as: red car. dog"
            )
        with full_precision():
            scores, boxes = (self._owl if self._kind in OWL else self._grounded)(picture, labels)
            check_finite(self._name, scores, boxes)
        best, chosen = scores.max(dim=1)
        columns = zip(best.tolist(), chosen.tolist(), boxes.tolist(), strict=True)
        return [
            Found(labels[label], score, tuple(box))
            for score, label, box in columns
            if score > self._threshold
        ]

    def _owl(self, picture: Pixels, labels: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (boxes, labels) and boxes (boxes, 4) in pixels."""
        texts = [[TEMPLATE.format(label) for label in labels]]
        ready = self._processor(
            text=texts, images=_bounded(picture), return_tensors="pt", truncation=True
        )
        outputs = self._model(**ready.to(self._device))
        height, width = picture.shape[:2]
        # OWLv2 pads to a square at the right and bottom, and its boxes are shares of the square
        side = max(height, width)
        size = (side, side) if self._kind == "owlv2" else (height, width)
        return outputs.logits[0].sigmoid(), _corners(outputs.pred_boxes[0], size)

    def _grounded(
        self, picture: Pixels, labels: Sequence[str]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (boxes, labels) and boxes (boxes, 4) in pixels."""
        pieces = [f"{label.lower()}." for label in labels]
        text = " ".join(pieces)
        ready = self._processor(text=text, images=_bounded(picture), return_tensors="pt")
        room = self._model.config.max_text_len
        if ready["input_ids"].shape[1] > room:
            raise UnreadableSubjectError(
                f"{self._name} reads at most {room} tokens of labels at once; {len(labels)} labels "
                f"need {ready['input_ids'].shape[1]}. Ask for fewer."
            )
        spans = self._processor.tokenizer(text, return_offsets_mapping=True)["offset_mapping"]
        outputs = self._model(**ready.to(self._device))
        tokens = outputs.logits[0].sigmoid()
        ends, scores = 0, []
        for piece in pieces:
            start, stop = ends, ends + len(piece) - 1  # without its full stop
            own = [i for i, (a, b) in enumerate(spans) if a < b and start <= a and b <= stop]
            if not own:
                raise UnreadableSubjectError(f"{self._name} cannot read the label {piece!r}.")
            scores.append(tokens[:, own].max(dim=1).values)
            ends += len(piece) + 1
        return torch.stack(scores, dim=1), _corners(outputs.pred_boxes[0], picture.shape[:2])


def _bounded(picture: Pixels) -> Image.Image:
    return Image.fromarray(picture).reduce(-(-max(picture.shape[:2]) // LARGEST))


def _corners(boxes: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """(n, 4) centre and size as shares → corners x0, y0, x1, y1 in pixels of (height, width)."""
    x, y, w, h = boxes.unbind(-1)
    height, width = size
    corners = [(x - w / 2) * width, (y - h / 2) * height, (x + w / 2) * width, (y + h / 2) * height]
    return torch.stack(corners, dim=-1)
