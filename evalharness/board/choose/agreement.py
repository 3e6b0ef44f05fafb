"""Do the references show one look? Only as far apart as pictures of one model may be, they do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evalharness.board.choose.fit import Looks, own_likeness
from evalharness.board.statistics import mean_of_known

Floats = NDArray[np.float64]

FEW_REFERENCES = 5
"""Below this many references nothing is said of how much they differ, nor of how others would have
chosen.
"""
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


def agreement(looks: Looks, scatter: Floats, references: Floats) -> Agreement | None:
    """None for fewer than FEW_REFERENCES, or models that do not differ beyond chance.

    `scatter` (n, d) are places of the pool's pictures less their model's mean; `references` (R, d)
    places.
    """
    lengths = mean_of_known(own_likeness(looks.own), axis=1)
    able = np.isfinite(lengths)
    if len(references) < FEW_REFERENCES or able.sum() < 2:
        return None
    between = float(lengths[able].sum()) / (2 * (int(able.sum()) - 1))
    if between <= 0:
        return None
    directions = _directions(mean_of_known(looks.own[able], axis=1))
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
