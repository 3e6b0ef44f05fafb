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

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]

SCALING = 0.25
"""Axes are divided by this power of their variance: by the root of their standard deviation."""


@dataclass(frozen=True, slots=True)
class StyleSpace:
    """Pictures as seen from the middle of a pool, in axes in which what they show counts for less.

    Vectors share a large part that says "picture": it goes with the pool's mean, and most hubs go
    with it (Suzuki et al. 2013). What pictures of one model differ in is mostly content; along the
    principal axes of that scatter every coordinate is divided by the root of its standard
    deviation ("Pareto scaling", van den Berg et al. 2006), half of the way to a Mahalanobis
    distance. The whole way counts faint axes as much as strong ones, and along those a generator
    differs from whatever it imitates.
    """

    centre: Floats
    axes: Floats

    @staticmethod
    def of(vectors: Vectors, variants: NDArray[np.int64]) -> StyleSpace:
        """The space of (n, d) pictures of the pool, made by the models `variants` (n,)."""
        rows = _unit(vectors)
        centre = rows.mean(axis=0)
        names, owner = np.unique(variants, return_inverse=True)
        sums = np.zeros((len(names), rows.shape[1]))
        np.add.at(sums, owner, rows)
        within = rows - (sums / np.bincount(owner)[:, None])[owner]
        variance, axes = np.linalg.eigh(_shrunk_covariance(within))
        if not variance[-1] > 0:
            return StyleSpace(centre, axes)
        variance = np.maximum(variance, np.finfo(np.float32).eps * variance[-1])
        return StyleSpace(centre, axes * variance**-SCALING)

    def place(self, vectors: Vectors) -> Floats:
        """Pictures (m, d), of the pool or not, in this space: (m, d)."""
        return np.asarray((_unit(vectors) - self.centre) @ self.axes)


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
    return _unit(pictures) @ _unit(references).T


def word_fit(pictures: Vectors, words: Vectors, neutral: Vectors) -> Floats:
    """(n,): cos(picture, words) − cos(picture, neutral phrase), of (n, e) and (e,) vectors."""
    texts = _unit(np.stack([words, neutral]))
    cosine = _unit(pictures) @ texts.T
    return np.asarray(cosine[:, 0] - cosine[:, 1])


def _shrunk_covariance(rows: Floats) -> Floats:
    """Of rows (n, d) with mean 0, after Ledoit & Wolf 2004: towards the mean variance in all
    directions, by as much as the sample is too small to know better.
    """
    n, d = rows.shape
    sample = rows.T @ rows / n
    level = float(np.trace(sample)) / d
    spread = float(np.square(sample).sum()) - d * level**2
    if spread <= 0:
        return np.asarray(sample)
    fourth = float(np.square(np.square(rows).sum(axis=1)).sum())
    error = fourth / n**2 - float(np.square(sample).sum()) / n
    weight = min(max(error / spread, 0.0), 1.0)
    return np.asarray(weight * level * np.eye(d) + (1 - weight) * sample)


def _unit(vectors: NDArray[np.floating]) -> Floats:
    rows = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny))
