"""One model beside all others of a suite, on the same prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.columns import MetricColumn, is_by_batch
from evalharness.board.measured import SHARE
from evalharness.board.multiple import benjamini_hochberg
from evalharness.board.paired import paired_difference
from evalharness.board.profile.model_profile import Against, Standing, Steered
from evalharness.board.prompt_effects import pool_means
from evalharness.board.separated import Better, adjusted_by, better
from evalharness.board.slices import FEWEST_OF_A_SLICE, slices
from evalharness.board.statistics import interval_of_sums
from evalharness.board.suite_prompts import SuitePrompt

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evalharness.board.prompt_scores import PromptScores

_STANDINGS: Mapping[Better, Standing] = {"second": "strength", "first": "weakness", "": ""}
"""Of a model's own values less the others'."""
STEERED_BY = ("steerability", "style_match")


@dataclass(frozen=True, slots=True)
class Beside:
    """Means over seeds on P prompts: the model's `own` (P,), and the `others`' mean (P,) as
    `pool_means` gives it. NaN where there is none.
    """

    own: NDArray[np.float64]
    others: NDArray[np.float64]


def beside(means: NDArray[np.float64], place: int) -> Beside:
    """Split means (V, P) into those of the model at `place` and the mean of the other models."""
    return Beside(means[place], pool_means(np.delete(means, place, axis=0)))


def against_others(
    columns: Sequence[MetricColumn],
    scores: Mapping[str, PromptScores],
    place: int,
    tags: Mapping[str, Mapping[str, str]],
) -> tuple[Against, ...]:
    """Every metric on outputs, on all prompts and slice by slice; batch measurements left out."""
    found: list[tuple[MetricColumn, Against]] = []
    for column in columns:
        if is_by_batch(column):
            continue
        score = scores[column.metric]
        both = beside(score.means, place)
        everywhere = ("", "", np.ones(len(score.prompts), np.bool_))
        for tag, value, member in (everywhere, *slices(score.prompts, tags)):
            one = _against(column, both, member, (tag, value))
            if one is not None and (not tag or one.paired.prompts >= FEWEST_OF_A_SLICE):
                found.append((column, one))
    adjusted = adjusted_by(benjamini_hochberg, [one.paired for _, one in found])
    return tuple(
        replace(one, adjusted=q, standing=_STANDINGS[better(one.paired, q, column)])
        for (column, one), q in zip(found, adjusted, strict=True)
    )


def _against(
    column: MetricColumn, both: Beside, member: NDArray[np.bool_], where: tuple[str, str]
) -> Against | None:
    common = member & np.isfinite(both.own) & np.isfinite(both.others)
    if not common.any():
        return None
    own, others = both.own[common], both.others[common]
    pair = paired_difference(others, own, share=column.unit == SHARE)
    return Against(*where, column.metric, float(own.mean()), float(others.mean()), pair, None, "")


def steering(
    columns: Sequence[MetricColumn],
    scores: Mapping[str, PromptScores],
    place: int,
    prompts: Sequence[SuitePrompt],
) -> tuple[Steered, ...]:
    """How well each look is given when asked for, the best first."""
    chosen = [c for base in STEERED_BY for c in columns if c.base == base]
    if not chosen:
        return ()
    column, asked = chosen[0], {one.id: one.style for one in prompts}
    score = scores[column.metric]
    looks = np.array([asked.get(prompt, "") for prompt in score.prompts])
    both = beside(score.means, place)
    found = []
    for look in sorted(set(looks.tolist()) - {""}):
        has = (looks == look) & (score.counts[place] > 0)
        if not has.any():
            continue
        mean = interval_of_sums(
            score.sums[place][has], score.counts[place][has], share=column.unit == SHARE
        )
        others = both.others[has & np.isfinite(both.others)]
        beside_it = float(others.mean()) if len(others) else None
        found.append(
            Steered(look, column.metric, mean.mean, mean.low, mean.high, mean.clusters, beside_it)
        )
    return tuple(sorted(found, key=lambda one: -one.mean))
