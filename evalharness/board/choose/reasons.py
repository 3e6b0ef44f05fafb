"""Why this model and not the next: computed from the numbers, never written by a template alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evalharness.board.choose.components import Component
from evalharness.board.choose.limits import Rejected
from evalharness.board.choose.recommendation import Contribution, Flip, NearPicture
from evalharness.board.pictures import Pictures

Floats = NDArray[np.float64]

MOST_FLIPS = 4
FARTHEST_WEIGHT = 10.0
"""Weights beyond this are no change that somebody would consider."""
SHOWN_PICTURES = 3


def contributions(
    components: Mapping[str, Component], weights: Mapping[str, float], best: int, other: int
) -> tuple[Contribution, ...]:
    """What separates the two, the largest difference first."""
    found = [
        Contribution(name, weights[name] * float(one.means[best] - one.means[other]))
        for name, one in components.items()
    ]
    return tuple(sorted(found, key=lambda c: -abs(c.difference)))


def flips(
    components: Mapping[str, Component],
    weights: Mapping[str, float],
    values: Floats,
    best: int,
    admitted: Sequence[int],
    rejected: Mapping[int, Rejected],
    models: Sequence[str],
) -> tuple[Flip, ...]:
    """The nearest other weight, for each component, at which another candidate is best; and the
    limit without which a rejected model would be.
    """
    by_weight = []
    for name, one in components.items():
        reachable = []
        for rival in admitted:
            change = float(one.means[best] - one.means[rival])
            if rival == best or abs(change) < 1e-12:
                continue
            value = weights[name] - float(values[best] - values[rival]) / change
            if 0.0 <= value <= FARTHEST_WEIGHT:
                reachable.append(Flip(f"weight of {name}", models[rival], value, weights[name]))
        if reachable:
            by_weight.append(min(reachable, key=_distance))
    found = sorted(by_weight, key=_distance)[:MOST_FLIPS]
    better = [i for i in rejected if values[i] > values[best]]
    for place in sorted(better, key=lambda i: -values[i]):
        broken = rejected[place].violations
        if len(broken) == 1:
            found.append(Flip(f"limit on {broken[0].limit}", models[place]))
            break
    return tuple(found)


def _distance(flip: Flip) -> float:
    assert flip.value is not None
    assert flip.now is not None
    return abs(flip.value - flip.now)


def nearest_pictures(
    pictures: Pictures,
    fits: Floats,
    names: Sequence[str],
    best: int,
    other: int,
    prompts: Sequence[tuple[str, str]],
) -> tuple[NearPicture, ...]:
    """The prompts on which the best's picture is nearest to a reference, and the other's there.

    `fits` (n, R) of every picture with every reference (or the words), `names` (R,) of those,
    `prompts` their ids and texts. One picture a prompt.
    """
    found = []
    for prompt in np.intersect1d(
        pictures.prompt[pictures.variant == best], pictures.prompt[pictures.variant == other]
    ):
        own, theirs = (
            np.flatnonzero((pictures.variant == who) & (pictures.prompt == prompt))
            for who in (best, other)
        )
        row, reference = np.unravel_index(int(fits[own].argmax()), fits[own].shape)
        rival = theirs[int(fits[theirs, reference].argmax())]
        identity, text = prompts[int(prompt)]
        found.append(
            NearPicture(
                prompt_id=identity,
                text=text,
                reference=names[int(reference)],
                best_sha256=pictures.sha256[int(own[row])],
                best_fit=float(fits[own[row], reference]),
                other_sha256=pictures.sha256[int(rival)],
                other_fit=float(fits[rival, reference]),
            )
        )
    return tuple(sorted(found, key=lambda n: -n.best_fit)[:SHOWN_PICTURES])


def pareto(means: Floats) -> NDArray[np.bool_]:
    """(m,): rows of (m, k), higher = better, that no other row beats in one and equals in all."""
    at_least = (means[:, None, :] >= means[None, :, :]).all(axis=2)
    above = (means[:, None, :] > means[None, :, :]).any(axis=2)
    return np.asarray(~(at_least & above).any(axis=0))
