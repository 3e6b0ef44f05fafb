"""Pictures as CLIP models are shown them: open_clip's own inference transform, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from evalharness.extractors.subjects import Pixels


class Preprocessing:
    """open_clip's own inference transform, over batches of pictures of one size."""

    def __init__(self, config: dict[str, Any]) -> None:
        parsed = PreprocessCfg(**config)
        self._size = parsed.input_size[1:]
        self._single = image_transform_v2(parsed, is_train=False)
        self._mean = torch.tensor(parsed.mean).view(-1, 1, 1)
        self._std = torch.tensor(parsed.std).view(-1, 1, 1)

    def __call__(self, batch: Pixels, run: Callable[..., Any] = map) -> torch.Tensor:
        """uint8 (n, h, w, 3) → float32 (n, 3, H, W)."""
        if batch.shape[1:3] == self._size:
            # Every resize mode leaves such pictures alone: what remains is one operation.
            return (channels_first(batch).float() / 255 - self._mean) / self._std
        return torch.stack(list(run(self._one, batch)))

    def _one(self, picture: Pixels) -> torch.Tensor:
        ready: torch.Tensor = self._single(Image.fromarray(picture))
        return ready


def channels_first(batch: NDArray[np.uint8]) -> torch.Tensor:
    """(n, h, w, 3) → (n, 3, h, w)."""
    return torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous()
