"""`open_clip`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import open_clip
import torch

from evalharness.catalog import hub_snapshot
from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable, Text
from evalharness.extractors.fp32 import best_device, by_parts, full_precision, in_order, to_rows
from evalharness.extractors.open_clip import WEIGHT_FILES, check_folder, place
from evalharness.extractors.open_clip_pictures import Preprocessing
from evalharness.extractors.open_clip_text import encode_texts, tokenizer_of, truncation
from evalharness.extractors.subjects import Pixels, by_size, pixels, words

READER = "open_clip"
DECODERS = min(4, os.cpu_count() or 1)


class OpenClipExtractor:
    """L2-normalised float32 vectors (d,) of pictures and texts, computed in fp32.

    A text that its model's context cannot hold is cut before the end token, never through it, and
    its `detail` says so: `{"truncated": true, "tokens": n}`.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        folder = self._folder()
        name = f"local-dir:{folder}"
        try:
            model = open_clip.create_model(name, precision="fp32", require_pretrained=True)
            self._tokenizer = tokenizer_of(name)
        except (OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
            raise MissingWeightsError(
                f"instrument {self._instrument.name!r}: open_clip cannot load {folder} "
                f"({type(error).__name__}: {error}). Check that the folder is whole and that "
                "weights and open_clip_config.json belong together."
            ) from error
        self._device = best_device()
        self._model = model.to(self._device).eval()
        self._transform = Preprocessing(model.visual.preprocess_cfg)
        self._pool = ThreadPoolExecutor(DECODERS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()
        del self._model, self._tokenizer

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One vector per subject; raises UnreadableSubjectError for what it cannot take."""
        if subjects and isinstance(subjects[0], Text):
            return self._texts(words(subjects, READER))
        return self._pictures(pixels(subjects, READER))

    def _pictures(self, pictures: Sequence[Pixels]) -> Sequence[FeatureValue]:
        parts = []
        for positions, batch in by_size(pictures):
            ready = self._transform(batch, self._pool.map).to(self._device)
            with full_precision():
                features = by_parts(self._encode_pictures, ready, on_a_cpu=16)
            parts.append((positions, to_rows(features, READER)))
        return [FeatureValue(vector=row) for row in in_order(parts)]

    def _encode_pictures(self, ready: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self._model.encode_image(ready, normalize=True)
        return features

    def _texts(self, texts: list[str]) -> Sequence[FeatureValue]:
        tokens = self._tokenizer(texts)
        with full_precision():
            features = encode_texts(self._model, tokens.to(self._device))
        rows = to_rows(features, READER)
        room = tokens.shape[1]
        return [
            FeatureValue(vector=row, detail=truncation(self._tokenizer, text, room))
            for row, text in zip(rows, texts, strict=True)
        ]

    def _folder(self) -> Path:
        """The model's folder; from the Hub where it is not on this machine yet."""
        repository = "" if self._resolution.location else place(self._instrument.source)
        what = f"instrument {self._instrument.name!r}"
        folder = hub_snapshot.folder(what, self._resolution, WEIGHT_FILES, repository)
        check_folder(folder, what)
        return folder
