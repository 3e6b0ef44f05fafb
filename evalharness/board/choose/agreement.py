"""Do the references show one look? Only as far apart as pictures of one model may be, they do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evalharness.board.choose.fit import own_likeness

Floats = NDArray[np.float64]

FEWEST = 5
"""Below this many references nothing is said of how much they differ."""
CONFIDENCE = 0.95


class Agreement(NamedTuple):
    """Distances in a style space, along the directions in which the models' mean looks differ.

    `among`: how far references are, at least (95 %, one-sided), from their mean, beyond what
    pictures of one model are from theirs. `between`: half of the distance from one model's mean
    look to another's (root mean square, without what chance adds). Where `among` ≥ `between`, a
    reference would as soon choose another model as the one that their mean chooses.
    """

    among: float
    between: float


def agreement(own: Floats, scatter: Floats, references: Floats) -> Agreement | None:
    """None for fewer than FEWEST references, or models that do not differ beyond chance.

    `own` (V, P, d) are places without content, NaN = none; `scatter` (n, d) places of the pool's
    pictures less their model's mean; `references` (R, d) places.
    """
    if len(references) < FEWEST:
        return None
    has = np.asarray(np.isfinite(own).all(axis=2))
    able = has.sum(axis=1) > 1
    own, has = np.where(has[..., None], own, 0.0)[able], has[able]
    if len(own) < 2:
        return None
    prompts = has.sum(axis=1)[:, None]
    between = float((own_likeness(own, prompts).sum(axis=1) / prompts[:, 0]).sum())
    between /= 2 * (len(own) - 1)
    if between <= 0:
        return None
    directions = _directions(own.sum(axis=1) / prompts)
    within = float(np.square(scatter @ directions.T).sum(axis=1).mean())
    along = references @ directions.T
    squares = np.square(along - along.mean(axis=0)).sum(axis=1) * len(along) / (len(along) - 1)
    error = float(squares.std(ddof=1)) / np.sqrt(len(along))
    least = float(squares.mean()) - float(stats.t.ppf(CONFIDENCE, len(along) - 1)) * error - within
    return Agreement(float(np.sqrt(max(least, 0.0))), float(np.sqrt(between)))


def _directions(means: Floats) -> Floats:
    """(k, d): an orthonormal basis of the differences between rows (V, d)."""
    _, lengths, rows = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)
    return np.asarray(rows[lengths > 1e-9 * max(float(lengths[0]), 1e-300)])
