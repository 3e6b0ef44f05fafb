"""`lpips`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch
import torchvision
from torch import nn

from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Instrument, Json, Resolution
from evalharness.core.outcomes import FeatureValue, Seeable
from evalharness.extractors.aligned_changes import Aligned, aligned
from evalharness.extractors.checkpoint_file import fill, load_state, read_state
from evalharness.extractors.fp32 import best_device, full_precision
from evalharness.extractors.lpips import network_of
from evalharness.extractors.subjects import Pixels, UnreadableSubjectError, changes

READER = "lpips"
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""LPIPS' normalisation of pictures in −1…1."""
EPSILON = 1e-8
SEEN = {"alex": (1, 4, 7, 9, 11), "vgg": (3, 8, 15, 22, 29)}
"""The places in torchvision's `features` (all of them ReLUs) whose outputs are compared."""
LEAST = {"alex": 31, "vgg": 16}
"""The shortest side that reaches the last of them."""


class LpipsExtractor:
    """LPIPS v0.1 (Zhang et al. 2018) between the picture before and after, outside the region.

    What was to be changed is put back as it was before the two are compared, so that it counts as
    equal; pictures are compared at their own size.
    """

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        self._instrument, self._resolution = instrument, resolution
        self._name = network_of(instrument)

    def __enter__(self) -> Self:
        backbone, heads = self._resolution.adapters
        self._device = best_device()
        network = backbone_network(self._name)
        fill(network, load_state(self._instrument, backbone), self._instrument)
        self._network = network.features.to(self._device).eval()
        self._heads = [h.to(self._device) for h in head_weights(str(heads.location), self._name)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del self._network, self._heads

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """The distance of every edit; raises UnreadableSubjectError for anything else.

        There is none where the region is the whole picture.
        """
        return [self._look(aligned(change)) for change in changes(subjects, READER)]

    def _look(self, change: Aligned) -> FeatureValue:
        found: dict[str, Json] = {}
        if change.outside.any():
            least = LEAST[self._name]
            if min(change.outside.shape) < least:
                raise UnreadableSubjectError(
                    f"{READER} compares pictures of at least {least}×{least} pixels with "
                    f"{self._name}; found {change.outside.shape[1]}×{change.outside.shape[0]}."
                )
            put_back = np.where(change.outside[..., None], change.after, change.before)
            found["distance"] = self._distance(change.before, put_back)
        return FeatureValue(detail=found)

    def _distance(self, one: Pixels, other: Pixels) -> float:
        with full_precision():
            batch = torch.cat([_normalised(one), _normalised(other)]).to(self._device)
            total = 0.0
            heads = iter(self._heads)
            for place, layer in enumerate(self._network):
                batch = layer(batch)
                if place in SEEN[self._name]:
                    total += float(_difference(batch, next(heads)))
        if not np.isfinite(total):
            raise UnreadableSubjectError(
                f"{READER} gave NaN or infinity. Its weights may be damaged."
            )
        return total


def backbone_network(name: str) -> Any:
    """torchvision's network of that name up to the last place looked at, its weights still random.

    Its one part is `features`, as in torchvision's (and timm's) checkpoints.
    """
    builders = {"alex": torchvision.models.alexnet, "vgg": torchvision.models.vgg16}
    with torch.device("meta"):  # the classifier, which is most of it, is never made
        whole = builders[name](weights=None)
    features = whole.features[: SEEN[name][-1] + 1].to_empty(device="cpu")
    network = nn.Module()
    network.features = features
    for layer in features:
        if isinstance(layer, nn.ReLU):
            layer.inplace = False  # what was compared stays as it was
    return network


def head_weights(path: str, name: str) -> list[torch.Tensor]:
    """The linear weights of every place looked at, (1, channels, 1, 1) each, none negative."""
    state: Mapping[str, torch.Tensor] = read_state(Path(path))
    try:
        return [state[f"lin{i}.model.1.weight"] for i in range(len(SEEN[name]))]
    except KeyError as lacking:
        raise MissingWeightsError(f"{path} lacks {lacking} of LPIPS.") from lacking


def _normalised(picture: Pixels) -> torch.Tensor:
    """uint8 (h, w, 3) → float32 (1, 3, h, w), from −1…1 shifted and scaled."""
    levels = torch.from_numpy(picture.transpose(2, 0, 1).astype(np.float32)) / 127.5 - 1.0
    shift, scale = (torch.tensor(values).view(3, 1, 1) for values in (SHIFT, SCALE))
    return ((levels - shift) / scale)[None]


def _difference(features: torch.Tensor, head: torch.Tensor) -> torch.Tensor:
    """The mean over places of the weighted squared difference of two unit vectors each."""
    lengths = torch.sqrt(EPSILON + (features**2).sum(dim=1, keepdim=True))
    unit = features / lengths
    return ((unit[:1] - unit[1:]) ** 2 * head).sum(dim=1).mean()
