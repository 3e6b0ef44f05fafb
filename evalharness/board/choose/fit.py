"""How well models fit references, and how well pictures fit words.

A model fits references when its pictures are distributed as they are, not when they are as much
like them as can be: a mean similarity is highest for the model that overdoes the look. So the fit
is a proper score (Gneiting & Raftery 2007, "Strictly proper scoring rules", section 4.2) with the
linear kernel: the mean product with the references, less half the model's mean product with
itself, which orders models by the distance between their mean look and the references'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalharness.board.style_space import unit_rows

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


def model_fit(looks: Looks, references: Floats) -> Floats:
    """How well models fit references, by prompt and reference: (V, P, R), NaN where unknown.

    `references` (R, d) are places in the same space. A model's mean over its P ≥ 2 prompts and
    all references is ⟨ā, r̄⟩ − ½⟨a, a'⟩ with a, a' of different prompts, so that chance adds
    nothing; single values are a prompt's influence, so that resampling them moves the mean as
    resampling prompts would.
    """
    has = np.asarray(np.isfinite(looks.own).all(axis=2))
    own = np.where(has[..., None], looks.own, 0.0)
    prompts = has.sum(axis=1)[:, None]
    itself = own_likeness(own, prompts)
    half = itself.sum(axis=1, keepdims=True) / np.maximum(prompts, 1) / 2
    parts = own @ (references - looks.level).T + (half - itself)[..., None]
    return np.asarray(np.where((has & (prompts > 1))[..., None], parts, np.nan))


@dataclass(frozen=True, slots=True)
class Looks:
    """Where models put the answers to a prompt, less the mean of all models: what is left is look.

    `own` (V, P, d), NaN where a model has no answer, or no other model has one; `level` (d,) is
    the mean of what was taken away.
    """

    own: Floats
    level: Floats

    @staticmethod
    def of(cells: Floats) -> Looks:
        """`cells` (V, P, d) are the mean places of a model's pictures of a prompt, NaN = none."""
        has = np.asarray(np.isfinite(cells).all(axis=2))
        counts = has.sum(axis=0)
        sums = np.where(has[..., None], cells, 0.0).sum(axis=0)
        content = sums / np.maximum(counts, 1)[:, None]
        able = counts > 1
        level = content[able].mean(axis=0) if able.any() else np.zeros(cells.shape[2])
        own = np.where((has & able)[..., None], cells - content, np.nan)
        return Looks(own, level)


def own_likeness(own: Floats, prompts: NDArray[np.int64]) -> Floats:
    """(V, P): the mean product of a prompt's place with those of the model's other prompts.

    `own` (V, P, d) is 0 where there is none, `prompts` (V, 1) how many there are.
    """
    total = own.sum(axis=1, keepdims=True)
    products = np.einsum("vpd,vpd->vp", own, total - own)
    return np.asarray(products / np.maximum(prompts - 1, 1))


def likeness(pictures: Floats, references: Floats) -> Floats:
    """(n, R): the cosine of places (n, d) with those of references (R, d)."""
    return unit_rows(pictures) @ unit_rows(references).T


def word_fit(pictures: Vectors, words: Vectors, neutral: Vectors) -> Floats:
    """(n,): cos(picture, words) − cos(picture, neutral phrase), of (n, e) and (e,) vectors."""
    texts = unit_rows(np.stack([words, neutral]))
    cosine = unit_rows(pictures) @ texts.T
    return np.asarray(cosine[:, 0] - cosine[:, 1])
