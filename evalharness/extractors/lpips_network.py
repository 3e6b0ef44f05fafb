"""`lpips`: the half that holds the network. Imported only in the extractor's child."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
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
MOST = {"alex": 2**25, "vgg": 2**23}
"""Pixels of the largest pictures compared, 8K and 4K, which take about 3 and 9 GB of memory."""
ROWS = 64
"""Rows of features compared at once, which takes several times their memory."""


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
        """The distance of every edit; raises UnreadableSubjectError for anything else, and for
        pictures smaller than LEAST or larger than MOST.

        There is none where the region is the whole picture.
        """
        return [self._look(aligned(change)) for change in changes(subjects, READER)]

    def _look(self, change: Aligned) -> FeatureValue:
        found: dict[str, Json] = {}
        if change.outside.any():
            self._check_size(*change.outside.shape)
            put_back = np.where(change.outside[..., None], change.after, change.before)
            found["distance"] = self._distance(change.before, put_back)
        return FeatureValue(detail=found)

    def _check_size(self, height: int, width: int) -> None:
        least, most = LEAST[self._name], MOST[self._name]
        found = f"with {self._name}; found {width}×{height}."
        if min(height, width) < least:
            raise UnreadableSubjectError(
                f"{READER} compares pictures of at least {least}×{least} pixels {found}"
            )
        if height * width > most:
            raise UnreadableSubjectError(
                f"{READER} compares pictures of at most {most:,} pixels {found} Larger ones do not "
                "fit in the memory of many machines. Make smaller pictures, or leave this metric "
                "out."
            )

    def _distance(self, one: Pixels, other: Pixels) -> float:
        """One picture after the other, from each place looked at to the next."""
        total = 0.0
        with full_precision():
            first, second = (_normalised(p).to(self._device) for p in (one, other))
            for layers, head in zip(self._stages(), self._heads, strict=True):
                first, second = layers(first), layers(second)
                total += _difference(first, second, head)
        if not np.isfinite(total):
            raise UnreadableSubjectError(
                f"{READER} gave NaN or infinity. Its weights may be damaged."
            )
        return total

    def _stages(self) -> Iterator[Any]:
        """The layers up to each place looked at, from behind the one before."""
        edges = (0, *(place + 1 for place in SEEN[self._name]))
        return (self._network[start:stop] for start, stop in pairwise(edges))


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


def _difference(one: torch.Tensor, other: torch.Tensor, head: torch.Tensor) -> float:
    """The mean over places of the weighted squared difference of two unit vectors each."""
    total = 0.0
    for a, b in zip(torch.split(one, ROWS, 2), torch.split(other, ROWS, 2), strict=True):
        apart = (_unit(a) - _unit(b)) ** 2 * head
        total += float(apart.sum(dtype=torch.float64))
    return total / (one.shape[2] * one.shape[3])


def _unit(features: torch.Tensor) -> torch.Tensor:
    return features / torch.sqrt(EPSILON + (features**2).sum(dim=1, keepdim=True))
