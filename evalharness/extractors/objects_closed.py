"""Detectors of the classes they were trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image
from transformers import AutoImageProcessor, AutoModelForObjectDetection

from evalharness.core.nouns import Instrument
from evalharness.extractors.fp32 import best_device, full_precision
from evalharness.extractors.objects_found import Found, check_finite
from evalharness.extractors.subjects import Pixels
from evalharness.extractors.transformers_models import load_model, load_processor


class ClosedDetector:
    """A model of AutoModelForObjectDetection with its own preprocessing and post-processing.

    `classes` are all that it can find.
    """

    def __init__(self, folder: Path, instrument: Instrument, threshold: float) -> None:
        self._name, self._threshold = instrument.name, threshold
        self._device = best_device()
        model = load_model(AutoModelForObjectDetection, folder, instrument)
        self._labels = {int(i): str(label) for i, label in model.config.id2label.items()}
        # DETR has numbers of COCO's that no class was given to
        self.classes = tuple(dict.fromkeys(n for n in self._labels.values() if n != "N/A"))
        self._model: Any = model.to(self._device)
        self._processor: Any = load_processor(AutoImageProcessor, folder, instrument)

    def find(self, batch: Pixels) -> list[list[Found]]:
        """What each of the pictures shows: uint8 (n, h, w, 3), all of one size."""
        pictures = [Image.fromarray(picture) for picture in batch]
        ready = self._processor(images=pictures, return_tensors="pt").to(self._device)
        with full_precision():
            outputs = self._model(**ready)
            check_finite(self._name, outputs.logits, outputs.pred_boxes)
            seen = self._processor.post_process_object_detection(
                outputs, threshold=self._threshold, target_sizes=[batch.shape[1:3]] * len(batch)
            )
        return [self._things(one) for one in seen]

    def _things(self, seen: dict[str, Any]) -> list[Found]:
        columns = zip(
            seen["labels"].tolist(), seen["scores"].tolist(), seen["boxes"].tolist(), strict=True
        )
        return [Found(self._labels[i], score, tuple(box)) for i, score, box in columns]
