"""`pickscore`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import torch
from PIL import Image
from torch.nn import functional
from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel

from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.fp32 import best_device, full_precision, to_rows
from evalharness.extractors.subjects import Pixels, apart
from evalharness.extractors.transformers_models import load_model, load_processor, model_folder

READER = "pickscore"


class PickScoreExtractor:
    """logit scale · cosine of picture and text: the scalar of a pair, in fp32.

    Pictures are prepared by the folder's own processor with PIL, as the published scores were.
    Texts longer than the model's context (77 tokens) are cut before the end token, and `detail`
    says so.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        folder = model_folder(self._instrument, self._resolution)
        model = load_model(CLIPModel, folder, self._instrument)
        self._pictures = load_processor(AutoImageProcessor, folder, self._instrument, backend="pil")
        self._tokenizer = load_processor(AutoTokenizer, folder, self._instrument)
        self._room = int(model.config.text_config.max_position_embeddings)
        self._device = best_device()
        self._model: Any = model.to(self._device)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._model

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One scalar per pair; raises UnreadableSubjectError for anything else, and for NaN."""
        if not subjects:
            return []
        parts = apart(subjects, READER)
        with full_precision():
            pictures = self._vectors_of_pictures(parts.pictures)[parts.picture_of]
            texts = self._vectors_of_texts(parts.texts)[parts.text_of]
            logits = self._model.logit_scale.exp() * (pictures * texts).sum(dim=1)
        scores = to_rows(logits[:, None], READER)[:, 0]
        cuts = [self._cut(text) for text in parts.texts]
        return [
            FeatureValue(scalar=float(score), detail=cuts[text])
            for score, text in zip(scores, parts.text_of, strict=True)
        ]

    def _vectors_of_pictures(self, pictures: Sequence[Pixels]) -> torch.Tensor:
        images = [Image.fromarray(picture) for picture in pictures]
        ready = self._pictures(images=images, return_tensors="pt")["pixel_values"]
        found = self._model.vision_model(pixel_values=ready.to(self._device)).pooler_output
        return functional.normalize(self._model.visual_projection(found), dim=-1)

    def _vectors_of_texts(self, texts: list[str]) -> torch.Tensor:
        ready = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._room, return_tensors="pt"
        ).to(self._device)
        found = self._model.text_model(
            input_ids=ready["input_ids"], attention_mask=ready["attention_mask"]
        ).pooler_output
        return functional.normalize(self._model.text_projection(found), dim=-1)

    def _cut(self, text: str) -> Json:
        needed = len(self._tokenizer(text, verbose=False)["input_ids"])
        return {"truncated": True, "tokens": needed} if needed > self._room else None
