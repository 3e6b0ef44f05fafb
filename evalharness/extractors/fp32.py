"""Features of torch networks: in full single precision on every device, few at once on a CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from evalharness.extractors.subjects import UnreadableSubjectError


def best_device() -> torch.device:
    """cuda, else mps, else cpu."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@contextmanager
def full_precision() -> Iterator[None]:
    """No gradients, and no TF32: it keeps 10 bits of the mantissa, which FID parity does not."""
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield


def to_rows(features: torch.Tensor, reader: str) -> NDArray[np.float32]:
    """Features (n, d) as float32 on the CPU; raises UnreadableSubjectError for NaN or infinity."""
    rows: NDArray[np.float32] = features.float().cpu().numpy()
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise UnreadableSubjectError(
            f"{reader} gave NaN or infinity for {len(bad)} of {len(rows)} subjects (first: "
            f"{bad[0]}). Its weights may be damaged."
        )
    return rows


def in_order(
    parts: Sequence[tuple[Sequence[int], NDArray[np.float32]]],
) -> list[NDArray[np.float32]]:
    """Rows of several groups, put back at the positions that their subjects had."""
    placed = {
        position: row
        for positions, rows in parts
        for position, row in zip(positions, rows, strict=True)
    }
    return [placed[i] for i in range(len(placed))]


def by_parts(
    network: Callable[[torch.Tensor], torch.Tensor], batch: torch.Tensor, on_a_cpu: int
) -> torch.Tensor:
    """`network(batch)`, computed so few at once on a CPU that activations stay in its caches.

    An eighth less time than for a whole batch, with CLIP and with Inception.
    """
    at_once = on_a_cpu if batch.device.type == "cpu" else len(batch)
    return torch.cat([network(batch[i : i + at_once]) for i in range(0, len(batch), at_once)])
