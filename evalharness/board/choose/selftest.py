"""Does the style fit find what it should, on any store? Pictures of a model as its own references.

Prompts are dealt into three parts. References are pictures of model j on the first, models are
chosen by their pictures on the second, and the choice is judged by pictures on the third held
against pictures of j on the second: no prompt and no picture is ever on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.choose.fit import Looks, minus_distance, nearness
from evalharness.board.choose.seen import open_pictures, style_space
from evalharness.board.founders import founding
from evalharness.board.pictures import Pictures
from evalharness.board.selection import select
from evalharness.board.statistics import interval_of_sums
from evalharness.board.suite_prompts import suite_prompts
from evalharness.board.suites import find_suite
from evalharness.core.errors import BadInputError

if TYPE_CHECKING:
    import duckdb

    from evalharness.core.brief import Space

Floats = NDArray[np.float64]

REFERENCES = 20
DEALS = 8
FEWEST_PROMPTS = 6
SEED = 20261125


@dataclass(frozen=True, slots=True)
class SelfTest:
    """How often a model's pictures led back to it, of `trials` (models × deals of the prompts).

    `top1` is the share of first places, `chance` what guessing gives, `mrr` the mean of 1 / place.
    Regrets are distances from held-out pictures less the nearest model's, in the distance models
    are apart: of what was chosen, and of always taking the one that is nearest on average. `gain`
    is the second less the first, `low`..`high` its paired 95 % interval with the model whose look
    was asked for as the sampling unit (None below two).
    """

    suite: str
    instrument: str
    models: int
    prompts: int
    trials: int
    top1: float
    chance: float
    mrr: float
    regret: float
    regret_of_best_overall: float
    gain: float
    low: float | None
    high: float | None


def self_test(connection: duckdb.DuckDBPyConnection, suite: str, space: Space) -> SelfTest:
    """Measure `choose` by style on a suite's own pictures; raises BadInputError for too few."""
    entry = find_suite(connection, suite)
    selection = select(connection, entry.digest)
    asked = suite_prompts(connection, selection)
    seen = open_pictures(connection, selection, space, asked)
    shown = [i for i in range(len(selection.variants)) if (seen.variant == i).any()]
    answered = [set(seen.prompt[seen.variant == i]) for i in shown]
    prompts = np.array(sorted(set.intersection(*answered) if answered else set()), np.int64)
    if len(shown) < 2 or len(prompts) < FEWEST_PROMPTS:
        raise BadInputError(
            f"A self-test needs two models and {FEWEST_PROMPTS} prompts that all answered with "
            f"pictures; {entry.suite} has {len(shown)} and {len(prompts)}."
        )
    places = style_space(seen, founding(connection, selection)).place(seen.vectors)
    cells = seen.means(places, (len(selection.variants), len(asked)))[shown]
    ranks, chosen, overall = _trials(cells, _Shown(seen, places, shown), prompts)
    gains = (overall - chosen).reshape(DEALS, -1)
    gain = interval_of_sums(gains.sum(axis=0), np.full(len(shown), DEALS))
    return SelfTest(
        suite=entry.suite,
        instrument=space.instrument,
        models=len(shown),
        prompts=len(prompts),
        trials=ranks.size,
        top1=float((ranks == 1).mean()),
        chance=1 / len(shown),
        mrr=float((1 / ranks).mean()),
        regret=float(chosen.mean()),
        regret_of_best_overall=float(overall.mean()),
        gain=gain.mean,
        low=gain.low,
        high=gain.high,
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """The pictures with their places (n, d), and which variants take part."""

    pictures: Pictures
    places: Floats
    variants: list[int]

    def some_of(self, owner: int, prompts: NDArray[np.int64], rng: np.random.Generator) -> Floats:
        """Places of up to REFERENCES pictures of one model, on these prompts."""
        own = self.pictures.variant == self.variants[owner]
        rows = np.flatnonzero(own & np.isin(self.pictures.prompt, prompts))
        picked = rng.choice(rows, min(REFERENCES, len(rows)), replace=False)
        return np.asarray(self.places[picked])


def _trials(
    cells: Floats, shown: _Shown, prompts: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """Of every deal × model asked for: its rank, the regret of the choice and of the constant.

    `cells` (V, P, d) are the mean places of the models shown.
    """
    rng = np.random.default_rng(SEED)
    ranks, chosen, overall = [], [], []
    for _ in range(DEALS):
        asked, seen, judged = np.array_split(rng.permutation(prompts), 3)
        fits = _fits(cells[:, seen], [shown.some_of(j, asked, rng) for j in range(len(cells))])
        truth = _fits(cells[:, judged], [shown.some_of(j, seen, rng) for j in range(len(cells))])
        best_overall = int(truth.mean(axis=0).argmax())
        for j in range(len(cells)):
            ranks.append(1 + int((fits[j] > fits[j, j]).sum()))
            chosen.append(truth[j].max() - truth[j, int(fits[j].argmax())])
            overall.append(truth[j].max() - truth[j, best_overall])
    return np.array(ranks, np.float64), np.array(chosen), np.array(overall)


def _fits(cells: Floats, references: list[Floats]) -> Floats:
    """(len(references), V): minus every model's distance from each set of references."""
    looks = Looks.of(cells)
    means = np.stack([nearness(looks, one).mean(axis=(1, 2)) for one in references])
    return minus_distance(means, looks.apart or 1.0)
