"""`dinov2`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
from PIL import Image
from transformers import AutoConfig, AutoModel

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.fp32 import best_device
from evalharness.extractors.picture_rows import normalised, picture_rows
from evalharness.extractors.subjects import Pixels
from evalharness.extractors.transformers_models import load_model, load_processor, model_folder

READER = "dinov2"
KINDS = ("dinov2", "dinov2_with_registers")
SIDE = 224
OFFSET = 0.1
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Dinov2Extractor:
    """The class token after the final layer norm: float32 (d,), 1024 for ViT-L/14, not normalised.

    dgm-eval's recipe (Stein et al. 2023): PIL's antialiased bicubic to 224×224 whatever the shape,
    then ImageNet's mean and standard deviation. Position embeddings are interpolated as the
    original code does, see `positions`; models with registers as transformers does.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        folder = model_folder(self._instrument, self._resolution)
        kind = load_processor(AutoConfig, folder, self._instrument).model_type
        if kind not in KINDS:
            raise BadInputError(
                f"instrument {self._instrument.name!r}: {folder} is a {kind} model; expected one "
                f"of {', '.join(KINDS)}."
            )
        self._device = best_device()
        model = load_model(AutoModel, folder, self._instrument)
        if kind == KINDS[0]:
            side = SIDE // int(model.config.patch_size)
            embeddings = model.embeddings
            moved = positions(embeddings.position_embeddings.detach(), side)
            embeddings.position_embeddings = torch.nn.Parameter(moved, requires_grad=False)
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
        """One vector per picture; raises UnreadableSubjectError for anything else."""
        rows = picture_rows(subjects, READER, prepared, self._class_token, self._device)
        return [FeatureValue(vector=row) for row in rows]

    def _class_token(self, batch: torch.Tensor) -> torch.Tensor:
        token: torch.Tensor = self._model(pixel_values=batch).last_hidden_state[:, 0]
        return token


def prepared(picture: Pixels) -> torch.Tensor:
    """uint8 (h, w, 3) → float32 (3, 224, 224), squashed and normalised."""
    squashed = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return normalised(np.asarray(squashed), MEAN, STD)


def positions(trained: torch.Tensor, side: int) -> torch.Tensor:
    """Position embeddings (1, 1 + m², d) for a grid of `side` patches: (1, 1 + side², d).

    The class token's stays. The grid's is interpolated bicubically by the scale (side + 0.1)/m, as
    github.com/facebookresearch/dinov2 does; by size, as in transformers, vectors differ a little.
    """
    trained_side = math.isqrt(trained.shape[1] - 1)
    if trained_side == side:
        return trained
    scale = (side + OFFSET) / trained_side
    grid = trained[:, 1:].reshape(1, trained_side, trained_side, -1).permute(0, 3, 1, 2)
    moved = torch.nn.functional.interpolate(grid, scale_factor=(scale, scale), mode="bicubic")
    return torch.cat([trained[:, :1], moved.flatten(2).transpose(1, 2)], dim=1)
