"""How near models are to references, and how well pictures fit words.

A model fits references when its pictures are distributed as they are, not when they are as much
like them as can be: a mean likeness is highest for the model that overdoes the look. So the fit is
a proper score (Gneiting & Raftery 2007, "Strictly proper scoring rules", section 4.2) with the
linear kernel, which orders models by the distance of their mean look from the references'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalharness.board.prompt_effects import without_prompt_effects
from evalharness.board.statistics import mean_of_known
from evalharness.board.style_space import unit_rows

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Looks:
    """Where models put the answers to a prompt, less what the prompt shows: what is left is look.

    `own` (V, P, d), NaN where a model has no answer, or no other model has one; `level` (d,) is
    the mean of what was taken away.
    """

    own: Floats
    level: Floats

    @staticmethod
    def of(cells: Floats) -> Looks:
        """`cells` (V, P, d) are the mean places of a model's pictures of a prompt, NaN = none."""
        own, content = without_prompt_effects(cells)
        return Looks(own, np.nan_to_num(mean_of_known(content, axis=0)))

    @property
    def apart(self) -> float:
        """How far two models' mean looks are from each other (root mean square); 0 for one."""
        means = mean_of_known(self.own, axis=1)
        means = means[np.isfinite(means).all(axis=1)]
        if len(means) < 2:
            return 0.0
        squares = np.square(means - means.mean(axis=0)).sum(axis=1)
        return float(np.sqrt(2 * squares.sum() / (len(means) - 1)))


def nearness(looks: Looks, references: Floats) -> Floats:
    """Minus half the squared distance from references, by prompt and reference: (V, P, R).

    `references` (R, d) are places in the same space. A model's mean over its P ≥ 2 prompts and all
    references is −½ (|r̄|² − 2⟨ā, r̄⟩ + ⟨a, a'⟩) with a, a' of different prompts, so that what
    chance adds is the same for all models. Single values are the influence of a prompt and a
    reference, so that resampling them moves the mean as it should; NaN where a model has none.
    """
    itself = own_likeness(looks.own)
    half = mean_of_known(itself, axis=1)[:, None] / 2
    wanted = references - looks.level
    middle = wanted.mean(axis=0)
    far = wanted @ middle - middle @ middle / 2
    return np.asarray(looks.own @ wanted.T + (half - itself)[..., None] - far)


def minus_distance(nearness: Floats, unit: float) -> Floats:
    """Of means of `nearness`, whatever their shape, in a unit of distance; in the same order."""
    halves = nearness / unit**2
    return np.asarray(np.sign(halves) * np.sqrt(2 * np.abs(halves)))


def chance(looks: Looks, scatter: Floats) -> float:
    """Half of what chance adds to a squared distance from a model's mean look.

    `scatter` (n, d) are places of pictures less their model's mean. Counted for every model alike,
    it keeps a distance of (nearly) nothing, which chance makes negative, in its place.
    """
    prompts = max(int(np.isfinite(looks.own).all(axis=2).sum(axis=1).max(initial=1)), 1)
    return float(np.square(scatter).sum(axis=1).mean()) / prompts / 2


def own_likeness(own: Floats) -> Floats:
    """(V, P): the mean product of a prompt's place with those of the model's other prompts.

    `own` (V, P, d) are places without content; NaN where there is none, or no other of the model.
    """
    has = np.asarray(np.isfinite(own).all(axis=2))
    others = has.sum(axis=1, keepdims=True) - 1
    total = np.where(has[..., None], own, 0.0).sum(axis=1, keepdims=True)
    products = np.einsum("vpd,vpd->vp", own, total - own)
    return np.asarray(np.where(others > 0, products / np.maximum(others, 1), np.nan))


def likeness(pictures: Floats, references: Floats) -> Floats:
    """(n, R): the cosine of places (n, d) with those of references (R, d)."""
    return unit_rows(pictures) @ unit_rows(references).T


def word_fit(pictures: Vectors, words: Vectors, neutral: Vectors) -> Floats:
    """(n,): cos(picture, words) − cos(picture, neutral phrase), of (n, e) and (e,) vectors."""
    texts = unit_rows(np.stack([words, neutral]))
    cosine = unit_rows(pictures) @ texts.T
    return np.asarray(cosine[:, 0] - cosine[:, 1])
