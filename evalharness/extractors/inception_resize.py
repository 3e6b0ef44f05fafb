"""How pictures become the 299×299 that the FID network was trained on: recipes by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.extractors.subjects import Pixels

SIDE = 299


def tensorflow_1(picture: Pixels) -> NDArray[np.float32]:
    """uint8 (h, w, 3) → float32 (299, 299, 3) in 0…255, as TensorFlow 1 resized (no antialiasing).

    Output pixel i lies at i · h / 299 (no half-pixel shift) and is interpolated along x, then y.
    Bit for bit what torch-fidelity computes on a CPU, which gathers four times as much.
    """
    top, bottom, down = _between(picture.shape[0])
    left, right, along = _between(picture.shape[1])
    # only the rows that are read: a big picture has many others
    rows, back = np.unique(np.concatenate([top, bottom]), return_inverse=True)
    lines = picture[rows].reshape(len(rows), -1)
    narrow = _mixed(
        lines.take(_channels(left), axis=1).astype(np.float32),
        lines.take(_channels(right), axis=1).astype(np.float32),
        np.repeat(along, 3),
    )
    upper, lower = narrow.take(back[:SIDE], axis=0), narrow.take(back[SIDE:], axis=0)
    return _mixed(upper, lower, down[:, None]).reshape(SIDE, SIDE, 3)


def _between(size: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """For every output position its two neighbours, and how far it lies from the first."""
    at = np.arange(SIDE, dtype=np.float32) * np.float32(size / SIDE)
    first = at.astype(np.int64)
    return first, np.minimum(first + 1, size - 1), at - first.astype(np.float32)


def _channels(columns: NDArray[np.int64]) -> NDArray[np.int64]:
    return (3 * columns[:, None] + np.arange(3)).ravel()


def _mixed(
    a: NDArray[np.float32], b: NDArray[np.float32], share: NDArray[np.float32]
) -> NDArray[np.float32]:
    """a + (b − a) · share, in the arrays' own memory."""
    b -= a
    b *= share
    a += b
    return a
