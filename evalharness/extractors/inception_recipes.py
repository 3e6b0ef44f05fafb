"""The recipes by which pictures become 299×299 for the FID network, by the names of options.

Pictures are narrowed a band of rows at a time, so that 50 megapixels are never held as floats.
Resizing is separable, so the result is the same but for rounding (2e-5 of 255).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from evalharness.extractors.inception_resize import SIDE, tensorflow_1
from evalharness.extractors.subjects import Pixels

BAND = 1024
"""Rows that are narrowed together."""


def clean(picture: Pixels) -> NDArray[np.float32]:
    """uint8 (h, w, 3) → float32 (299, 299, 3) in 0…255, as clean-FID (Parmar et al. 2022) resizes.

    PIL's bicubic, which is antialiased, on every channel in floats; clipped, never quantised.
    """
    channels = [_pil_bicubic(picture[..., i]) for i in range(3)]
    clipped: NDArray[np.float32] = np.stack(channels, axis=2).clip(0, 255)
    return clipped


def antialiased(picture: Pixels) -> NDArray[np.float32]:
    """uint8 (h, w, 3) → float32 (299, 299, 3) in 0…255, bilinear with torch's antialiasing.

    What torchmetrics does since 1.8, unless told `antialias=False`.
    """
    narrow = torch.cat([_torch_bilinear(band, len(band)) for band in _bands(picture)], dim=2)
    resized = torch.nn.functional.interpolate(
        narrow, (SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True
    )
    rows: NDArray[np.float32] = resized[0].permute(1, 2, 0).contiguous().numpy()
    return rows


def _bands(picture: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    return (picture[start : start + BAND] for start in range(0, len(picture), BAND))


def _pil_bicubic(channel: NDArray[np.uint8]) -> NDArray[np.float32]:
    narrow = [
        Image.fromarray(band.astype(np.float32)).resize((SIDE, len(band)), Image.Resampling.BICUBIC)
        for band in _bands(channel)
    ]
    whole = Image.fromarray(np.concatenate([np.asarray(band) for band in narrow]))
    return np.asarray(whole.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _torch_bilinear(band: Pixels, height: int) -> torch.Tensor:
    ready = torch.from_numpy(np.ascontiguousarray(band)).permute(2, 0, 1)[None].float()
    return torch.nn.functional.interpolate(
        ready, (height, SIDE), mode="bilinear", align_corners=False, antialias=True
    )


RECIPES: Mapping[str, Callable[[Pixels], NDArray[np.float32]]] = {
    "tensorflow-1": tensorflow_1,
    "clean": clean,
    "antialiased": antialiased,
}
