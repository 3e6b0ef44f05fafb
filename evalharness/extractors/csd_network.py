"""`csd`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isqrt
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from open_clip.transformer import QuickGELU, VisionTransformer
from PIL import Image

from evalharness.catalog import hub_snapshot
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.checkpoint_file import read_state
from evalharness.extractors.csd import FILE, HUB
from evalharness.extractors.fp32 import best_device
from evalharness.extractors.picture_rows import picture_rows
from evalharness.extractors.subjects import Pixels

READER = "csd"
BACKBONE = "backbone."
STYLE = "last_layer_style"
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""OpenAI's CLIP normalisation."""
HEAD_WIDTH = 64
"""Of every ViT that OpenAI published; a checkpoint does not tell."""


class CsdExtractor:
    """L2-normalised style vectors, float32 (768,) for the published ViT-L/14.

    Somepalli et al. 2024, "Measuring Style Similarity in Diffusion Models": CLIP's visual trunk up
    to its last layer norm, then the style projection; the content projection is not used.
    Preprocessing is CLIP's: shorter side to 224 (bicubic), centre crop. Compared by cosine.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution

    def __enter__(self) -> Self:
        repository = self._instrument.source.removeprefix(HUB)
        what = f"instrument {self._instrument.name!r}"
        place = hub_snapshot.folder(what, self._resolution, (FILE,), repository)
        path = place / FILE if place.is_dir() else place
        state = read_state(path)
        self._device = best_device()
        self._trunk = build_trunk(state, path).to(self._device)
        self._style = state[STYLE].float().to(self._device)
        self._transform: Any = image_transform_v2(
            PreprocessCfg(size=self._trunk.image_size, mean=MEAN, std=STD), is_train=False
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._trunk, self._style

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One vector per picture; raises UnreadableSubjectError for anything else."""
        rows = picture_rows(subjects, READER, self._prepared, self._described, self._device)
        return [FeatureValue(vector=row) for row in rows]

    def _prepared(self, picture: Pixels) -> torch.Tensor:
        ready: torch.Tensor = self._transform(Image.fromarray(picture))
        return ready

    def _described(self, batch: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(self._trunk(batch) @ self._style, dim=1)


def build_trunk(state: Mapping[str, torch.Tensor], path: Path) -> Any:
    """The visual trunk, its sizes read off the weights; raises BadInputError if they are others."""
    own = {k.removeprefix(BACKBONE): v for k, v in state.items() if k.startswith(BACKBONE)}
    try:
        width, _, patch, _ = own["conv1.weight"].shape
        grid = isqrt(own["positional_embedding"].shape[0] - 1)
        blocks = {k.split(".")[2] for k in own if k.startswith("transformer.resblocks.")}
        hidden = own["transformer.resblocks.0.mlp.c_fc.weight"].shape[0]
        trunk = VisionTransformer(
            image_size=grid * patch,
            patch_size=patch,
            width=width,
            layers=len(blocks),
            heads=max(1, width // HEAD_WIDTH),
            mlp_ratio=hidden / width,
            act_layer=QuickGELU,
        )
        trunk.proj = None
        trunk.load_state_dict(own)
        if state[STYLE].shape[0] != width:
            raise ValueError(f"{STYLE} is {tuple(state[STYLE].shape)}, the trunk {width} wide")
    except (KeyError, RuntimeError, ValueError) as error:
        raise BadInputError(
            f"{path} does not hold CSD's weights ({type(error).__name__}: "
            f"{str(error).splitlines()[0]}). Expected {BACKBONE}… of a CLIP ViT and {STYLE}, as in "
            "hf-hub:yuxi-liu-wired/CSD."
        ) from error
    return trunk.float().eval()
