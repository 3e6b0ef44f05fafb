"""`hps`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import open_clip
import torch
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from torch.nn import functional

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.checkpoint_file import fill, load_state
from evalharness.extractors.fp32 import best_device, full_precision, to_rows
from evalharness.extractors.open_clip_text import tokenizer_of, truncation
from evalharness.extractors.subjects import Pixels, apart

READER = "hps"
ARCHITECTURE = "ViT-H-14"
TABLES = 100.0
"""Published tables of HPSv2 show a hundred times the cosine."""


class HpsExtractor:
    """100 · cosine of a picture's and its text's vector: the scalar of a pair, in fp32.

    Longer texts than 77 tokens are cut before the end token, and `detail` says so. The option
    `architecture` (of open_clip's, ViT-H-14 unless given) says which network the file is of.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        architecture = str(self._instrument.options.get("architecture", ARCHITECTURE))
        try:
            model: Any = open_clip.create_model(architecture, precision="fp32")
        except (RuntimeError, ValueError) as error:
            raise BadInputError(
                f"instrument {self._instrument.name!r}: open_clip knows no architecture "
                f"{architecture!r} ({error}). Write one of open_clip's, such as {ARCHITECTURE}."
            ) from error
        fill(model, load_state(self._instrument, self._resolution), self._instrument)
        self._tokenizer = tokenizer_of(architecture)
        self._device = best_device()
        self._model = model.to(self._device).eval()
        self._side = int(model.visual.image_size[0])
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
        ready = torch.stack([prepared(picture, self._side) for picture in parts.pictures])
        tokens = self._tokenizer(parts.texts)
        with full_precision():
            pictures = self._model.encode_image(ready.to(self._device), normalize=True)
            texts = self._model.encode_text(tokens.to(self._device), normalize=True)
            cosines = (pictures[parts.picture_of] * texts[parts.text_of]).sum(dim=1)
        scores = to_rows(TABLES * cosines[:, None], READER)[:, 0]
        cuts = [truncation(self._tokenizer, text, tokens.shape[1]) for text in parts.texts]
        return [
            FeatureValue(scalar=float(score), detail=cuts[text])
            for score, text in zip(scores, parts.text_of, strict=True)
        ]


def prepared(picture: Pixels, side: int) -> torch.Tensor:
    """uint8 (h, w, 3) → normalised float32 (3, side, side), by HPSv2's evaluation transform.

    The longer side is resized to `side` (bicubic and antialiased, on floats, not clipped) and the
    rest filled with black on both sides, before CLIP's normalisation. Its authors resized tensors,
    which torchvision did without antialiasing until 0.16, so their first tables may rest on that.
    """
    pixels = torch.from_numpy(picture.copy()).permute(2, 0, 1).float() / 255
    scale = side / max(picture.shape[:2])
    height, width = (max(1, round(length * scale)) for length in picture.shape[:2])
    if scale != 1.0:
        pixels = functional.interpolate(
            pixels[None], (height, width), mode="bicubic", align_corners=False, antialias=True
        )[0]
    left, top = (side - width) // 2, (side - height) // 2
    padded = functional.pad(pixels, (left, side - width - left, top, side - height - top))
    mean = torch.tensor(OPENAI_DATASET_MEAN).view(3, 1, 1)
    std = torch.tensor(OPENAI_DATASET_STD).view(3, 1, 1)
    return (padded - mean) / std
