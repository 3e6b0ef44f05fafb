"""`image_reward`: the half that holds the networks. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import torch
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from transformers import AutoTokenizer

from evalharness.catalog import hub_snapshot
from evalharness.catalog.transformers_folder import HUB
from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.checkpoint_file import load_state
from evalharness.extractors.fp32 import best_device, full_precision, to_rows
from evalharness.extractors.image_reward import TOKENIZER_FILES, tokenizer_of
from evalharness.extractors.image_reward_blip import picture_half, text_half
from evalharness.extractors.linear_stack import linear_stack
from evalharness.extractors.open_clip_pictures import Preprocessing
from evalharness.extractors.subjects import Pixels, apart
from evalharness.extractors.transformers_models import load_processor

READER = "image_reward"
TOKENS = 35
MEAN, SPREAD = 0.16717362830052426, 1.0333394966054072
"""Of the raw scores of ImageReward's training pictures; published with it."""


class ImageRewardExtractor:
    """The reward of a pair: standard deviations above the mean of the training pictures, in fp32.

    Pictures: shorter side to 224 (bicubic), middle square, CLIP's normalisation. Texts longer than
    35 tokens are cut before the end token, and `detail` says so.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        network, found = self._resolution.adapters
        words = tokenizer_of(self._instrument)
        what = f"instrument {words.name!r}"
        folder = hub_snapshot.folder(what, found, TOKENIZER_FILES, words.source.removeprefix(HUB))
        self._tokenizer = load_processor(AutoTokenizer, folder, words)
        state = load_state(self._instrument, network)
        self._device = best_device()
        self._pictures = picture_half(state, self._instrument).to(self._device)
        self._texts = text_half(state, self._instrument).to(self._device)
        layers = {n.removeprefix("mlp."): v for n, v in state.items() if n.startswith("mlp.")}
        width = self._texts.config.hidden_size
        self._head = linear_stack(layers, width, self._instrument).to(self._device).eval()
        side = self._pictures.config.image_size
        self._prepare = Preprocessing(
            {
                "size": side,
                "mode": "RGB",
                "mean": OPENAI_DATASET_MEAN,
                "std": OPENAI_DATASET_STD,
                "interpolation": "bicubic",
                "resize_mode": "shortest",
                "fill_color": 0,
            }
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._pictures, self._texts

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One scalar per pair; raises UnreadableSubjectError for anything else, and for NaN."""
        if not subjects:
            return []
        parts = apart(subjects, READER)
        cuts = [self._cut(text) for text in parts.texts]
        texts = [parts.texts[text] for text in parts.text_of]
        with full_precision():
            seen = self._see(parts.pictures)[torch.from_numpy(parts.picture_of).to(self._device)]
            rewards = (self._head(self._read(texts, seen)) - MEAN) / SPREAD
        return [
            FeatureValue(scalar=float(row[0]), detail=cuts[text])
            for row, text in zip(to_rows(rewards, READER), parts.text_of, strict=True)
        ]

    def _see(self, pictures: Sequence[Pixels]) -> torch.Tensor:
        ready = torch.cat([self._prepare(picture[None].copy()) for picture in pictures])
        seen: torch.Tensor = self._pictures(ready.to(self._device)).last_hidden_state
        return seen

    def _read(self, texts: list[str], seen: torch.Tensor) -> torch.Tensor:
        """The vectors of the texts' first tokens after reading with the pictures in sight."""
        tokens = self._tokenizer(
            texts, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt"
        ).to(self._device)
        read: torch.Tensor = self._texts(
            input_ids=tokens["input_ids"],
            attention_mask=tokens["attention_mask"],
            encoder_hidden_states=seen,
            encoder_attention_mask=torch.ones(seen.shape[:2], device=self._device).long(),
        ).last_hidden_state
        return read[:, 0]

    def _cut(self, text: str) -> Json:
        needed = len(self._tokenizer(text, verbose=False)["input_ids"])
        return {"truncated": True, "tokens": needed} if needed > TOKENS else None
