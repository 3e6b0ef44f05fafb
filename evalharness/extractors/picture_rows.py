"""From pictures to rows of features: each prepared by a thread, all looked at together."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray

from evalharness.core.outcomes import Seeable
from evalharness.extractors.fp32 import full_precision, to_rows
from evalharness.extractors.subjects import Pixels, pixels

PREPARERS = min(4, os.cpu_count() or 1)


def normalised(
    picture: NDArray[np.uint8], mean: Sequence[float], std: Sequence[float]
) -> torch.Tensor:
    """uint8 (h, w, 3) → float32 (3, h, w), (x / 255 − mean) / std per channel."""
    ready = torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255
    return (ready - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(std).view(-1, 1, 1)


def picture_rows(
    subjects: Sequence[Seeable],
    reader: str,
    prepare: Callable[[Pixels], torch.Tensor],
    network: Callable[[torch.Tensor], torch.Tensor],
    device: torch.device,
) -> NDArray[np.float32]:
    """float32 (n, d): what `network` makes of the prepared pictures, in fp32 without gradients.

    Raises UnreadableSubjectError for what is no picture, and for NaN or infinity.
    """
    pictures = pixels(subjects, reader)
    if not pictures:
        return np.empty((0, 0), np.float32)
    with ThreadPoolExecutor(PREPARERS) as pool:
        ready = torch.stack(list(pool.map(prepare, pictures)))
    with full_precision():
        return to_rows(network(ready.to(device)), reader)
