"""Strengths from votes between pairs: Bradley–Terry with ties and honest errors.

P(i beats j) = 1 / (1 + e^(s_j − s_i)) (Bradley and Terry 1952); a tie counts as half a vote for
each side. Errors are the sandwich H⁻¹BH⁻¹, which stays right where votes do not follow the model
(White 1982); ties as halves do not. Votes on one prompt are no independent answers, so B adds up
what each prompt's votes say together (Liang and Zeger 1986). There is a finite answer
only where votes lead from every model to every other (Ford 1957; Hunter 2004, assumption 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components
from scipy.special import expit
from scipy.stats import t

from evalharness.board.ranks import Ranking, ranking_of

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

Meat = Callable[[Whole, Floats], tuple[Floats, float]]
"""B of the sandwich for the models at these places (k,) with these strengths (k,): (k, k), and
the degrees of freedom it has, infinitely many where votes are independent."""

DRAWS = 20_000
_SEED = 20240607
_STEPS = 100
_CLOSE = 1e-10
_NO_SPREAD = 1e-7
"""Errors of strengths below this are rounding: even a million votes leave 1e-3."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """What votes say of K models; NaN where they say nothing.

    `values` (K,) are log odds whose mean within a group is 0, `low` and `high` their intervals,
    `covariance` (K, K) theirs; without an interval where votes show no spread (all ties).
    `groups` (K,) numbers the groups of models that votes lead between both ways, the largest 0,
    and −1 for models that nobody voted on: strengths of different groups cannot be compared. Where
    there are several, a model was never beaten, never won, or was never shown beside the others,
    and there is no
    `ranking`.
    """

    values: Floats
    low: Floats
    high: Floats
    covariance: Floats
    groups: NDArray[np.int64]
    ranking: Ranking | None

    @property
    def comparable(self) -> bool:
        """Whether all models stand on one scale."""
        return bool((self.groups == 0).all())


def bradley_terry(
    wins: ArrayLike, ties: ArrayLike | None = None, *, confidence: float = 0.95
) -> Strengths:
    """Strengths of K models from `wins` (K, K), how often the row's beat the column's.

    `ties` (K, K) is symmetric: how often a pair was called equal. All votes count as independent
    here; see `clustered_bradley_terry`. Raises ValueError for
    other shapes, negative counts, votes of a model against itself and ties that are not symmetric.
    """
    won, tied = _checked(wins, ties)

    def independent(members: Whole, strength: Floats) -> tuple[Floats, float]:
        place = np.ix_(members, members)
        chance = expit(strength[:, None] - strength[None, :])
        squares = won[place] * chance.T**2
        squares = squares + squares.T + tied[place] * (0.5 - chance) ** 2
        return _laplacian(squares), np.inf

    return _strengths(won, tied, independent, confidence)


def clustered_bradley_terry(
    size: int,
    first: ArrayLike,
    second: ArrayLike,
    score: ArrayLike,
    cluster: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Strengths:
    """Strengths of `size` models from n votes that are alike within clusters (their prompts).

    `first` and `second` (n,) are models by number, `score` (n,) is 1 where the first won, 0 where
    the second did and ½ for a tie, `cluster` (n,) numbers the prompts. The errors are
    cluster-robust with the factor C/(C−1) and t with C−1 degrees of freedom; no interval from a
    single cluster. Measured coverage of 95 % intervals of four models where prompts favour some
    of them: 0.95 at 8 prompts of 20 votes, 12 of 12, 20 of 10, 40 of 6 and 100 of 6; errors of
    independent votes reach 0.71, 0.79, 0.80, 0.87 and 0.88. Raises ValueError as `bradley_terry`.
    """
    left, right = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    points = np.asarray(score, dtype=np.float64)
    _, prompt = np.unique(np.asarray(cluster), return_inverse=True)
    if not left.shape == right.shape == points.shape == prompt.shape:
        raise ValueError("first, second, score and cluster: expected one of each a vote")
    if not np.isin(points, (0.0, 0.5, 1.0)).all():
        raise ValueError("score: expected 1, ½ or 0")
    wins, ties = np.zeros((size, size)), np.zeros((size, size))
    np.add.at(wins, (left, right), points == 1.0)
    np.add.at(wins, (right, left), points == 0.0)
    np.add.at(ties, (left, right), points == 0.5)
    won, tied = _checked(wins, ties + ties.T)

    def clustered(members: Whole, strength: Floats) -> tuple[Floats, float]:
        place = np.full(size, -1)
        place[members] = np.arange(len(members))
        i, j = place[left], place[right]
        within = (i >= 0) & (j >= 0)
        i, j = i[within], j[within]
        surprise = points[within] - expit(strength[i] - strength[j])
        names, own = np.unique(prompt[within], return_inverse=True)
        moved = np.zeros((len(names), len(members)))
        np.add.at(moved, (own, i), surprise)
        np.add.at(moved, (own, j), -surprise)
        degrees = len(names) - 1
        scale = len(names) / degrees if degrees > 0 else 0.0
        return scale * moved.T @ moved, float(max(degrees, 1))

    return _strengths(won, tied, clustered, confidence)


def _strengths(won: Floats, tied: Floats, meat: Meat, confidence: float) -> Strengths:
    size = len(won)
    groups = _groups(won + tied)
    values, covariance = np.full(size, np.nan), np.full((size, size), np.nan)
    reach, degrees = np.full(size, np.nan), np.inf
    for group in reversed(range(int(groups.max(initial=-1)) + 1)):
        members = np.flatnonzero(groups == group)
        place = np.ix_(members, members)
        values[members], inverse = _fitted(won[place], tied[place])
        middle, degrees = meat(members, values[members])
        covariance[place] = inverse @ middle @ inverse
        reach[members] = t.ppf((1 + confidence) / 2, degrees)
    error = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))  # rounding may leave less than 0
    error[error <= _NO_SPREAD] = np.nan  # as where all votes are ties: ±0 would claim certainty
    reach = reach * error
    ranking = None
    if size > 1 and (groups == 0).all():
        ranking = ranking_of(_better(values, covariance, degrees, confidence), values)
    return Strengths(values, values - reach, values + reach, covariance, groups, ranking)


def _checked(wins: ArrayLike, ties: ArrayLike | None) -> tuple[Floats, Floats]:
    won = np.asarray(wins, dtype=np.float64)
    tied = np.zeros_like(won) if ties is None else np.asarray(ties, dtype=np.float64)
    if won.ndim != 2 or won.shape[0] != won.shape[1] or tied.shape != won.shape:
        raise ValueError(f"wins {won.shape} and ties {tied.shape}: expected both (K, K)")
    for name, counts in (("wins", won), ("ties", tied)):
        if not (np.isfinite(counts).all() and (counts >= 0).all()):
            raise ValueError(f"{name}: expected counts of at least 0")
        if np.diagonal(counts).any():
            raise ValueError(f"{name}: a model cannot be compared with itself")
    if (tied != tied.T).any():
        raise ValueError("ties: expected a symmetric matrix")
    return won, tied


def _groups(led: Floats) -> NDArray[np.int64]:
    """Strongly connected groups, the largest first; −1 without any vote."""
    _, labels = connected_components(led > 0, directed=True, connection="strong")
    labels = labels.astype(np.int64)
    labels[~(led.any(axis=0) | led.any(axis=1))] = -1
    names, sizes = np.unique(labels[labels >= 0], return_counts=True)
    ordered = names[np.argsort(-sizes, kind="stable")]
    found = np.full(len(labels), -1)
    for place, name in enumerate(ordered):
        found[labels == name] = place
    return found


def _fitted(won: Floats, tied: Floats) -> tuple[Floats, Floats]:
    """Strengths with mean 0, by Newton's method, and H⁻¹ of the sandwich."""
    size = len(won)
    votes = won + won.T + tied
    scored = (won + tied / 2).sum(axis=1)
    strength = np.zeros(size)
    centring = np.full((size, size), 1.0 / size)

    def likelihood(s: Floats) -> float:
        return float(s @ scored - (votes * np.logaddexp(s[:, None], s[None, :])).sum() / 2)

    for _ in range(_STEPS):
        chance = expit(strength[:, None] - strength[None, :])
        gradient = scored - (votes * chance).sum(axis=1)
        if np.abs(gradient).max() <= _CLOSE * votes.sum():
            break
        step = np.linalg.solve(_laplacian(votes * chance * chance.T) + centring, gradient)
        before = likelihood(strength)
        while likelihood(strength + step) < before and np.abs(step).max() > _CLOSE:
            step = step / 2
        strength = strength + step
    chance = expit(strength[:, None] - strength[None, :])
    inverse = np.linalg.inv(_laplacian(votes * chance * chance.T) + centring) - centring
    return strength - strength.mean(), inverse


def _laplacian(weights: Floats) -> Floats:
    """Σ over pairs of weight · x xᵀ with x the difference of two unit vectors."""
    laplacian: Floats = np.diag(weights.sum(axis=1)) - weights
    return laplacian


def _better(
    values: Floats, covariance: Floats, degrees: float, confidence: float
) -> NDArray[np.bool_]:
    """(K, K): row separated from and above column, for all pairs at once.

    |s_i − s_j| exceeds its error times the quantile of the largest such ratio under the
    estimate's own normal distribution, or t with as many degrees of freedom as its errors have.
    """
    first, second = np.triu_indices(len(values), 1)
    variances = np.diagonal(covariance)
    error = np.sqrt(
        np.maximum(variances[first] + variances[second] - 2 * covariance[first, second], 0)
    )
    eigen, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(eigen, 0.0))
    rng = np.random.default_rng(_SEED)
    drawn = rng.normal(size=(DRAWS, len(values))) @ root.T
    if np.isfinite(degrees):
        drawn *= np.sqrt(degrees / rng.chisquare(degrees, size=(DRAWS, 1)))
    judged = error > _NO_SPREAD
    first, second, error = first[judged], second[judged], error[judged]
    largest = np.zeros(DRAWS)
    for i, j, e in zip(first, second, error, strict=True):
        np.maximum(largest, np.abs(drawn[:, i] - drawn[:, j]) / e, out=largest)
    ahead = (values[first] - values[second]) / error
    limit = np.quantile(largest, confidence)
    better = np.zeros(covariance.shape, dtype=np.bool_)
    better[first, second] = ahead > limit
    better[second, first] = ahead < -limit
    return better
