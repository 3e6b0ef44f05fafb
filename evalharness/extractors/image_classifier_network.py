"""`image_classifier`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification

from evalharness.core.errors import unknown_name
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.fp32 import best_device
from evalharness.extractors.instrument_options import word
from evalharness.extractors.picture_rows import picture_rows
from evalharness.extractors.subjects import Pixels
from evalharness.extractors.transformers_models import load_model, load_processor, model_folder

READER = "image_classifier"


class ImageClassifierExtractor:
    """`scalar` is the probability (0…1) of the option `label`.

    Preprocessing is the model's own, by PIL as the processors of published classifiers did it. The
    probability is a softmax over all labels, or the label's own sigmoid where the model says that
    several labels may hold at once.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        folder = model_folder(self._instrument, self._resolution)
        model = load_model(AutoModelForImageClassification, folder, self._instrument)
        label = word(self._instrument, "label", "")
        labels = {str(name): int(i) for i, name in model.config.id2label.items()}
        if label not in labels:
            raise unknown_name(f"label of instrument {self._instrument.name!r}", label, labels)
        self._label = labels[label]
        self._several = model.config.problem_type == "multi_label_classification"
        self._processor: Any = load_processor(
            AutoImageProcessor, folder, self._instrument, backend="pil"
        )
        self._device = best_device()
        self._model: Any = model.to(self._device)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._model, self._processor

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One scalar per picture; raises UnreadableSubjectError for anything else."""
        rows = picture_rows(subjects, READER, self._prepared, self._probabilities, self._device)
        return [FeatureValue(scalar=float(row[self._label])) for row in rows]

    def _prepared(self, picture: Pixels) -> torch.Tensor:
        found = self._processor(Image.fromarray(picture), return_tensors="pt")
        ready: torch.Tensor = found["pixel_values"][0]
        return ready

    def _probabilities(self, batch: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self._model(pixel_values=batch).logits
        return logits.sigmoid() if self._several else logits.softmax(dim=-1)
