"""A metric of one model on both sides of a gate, and what cannot or need not be judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from evalharness.board.columns import base_name
from evalharness.board.gate.judging import column
from evalharness.board.gate.verdict import ANSWERED, Outcome, Sampled
from evalharness.board.influences import any_size
from evalharness.board.measured import SHARE
from evalharness.core.baseline import Baseline, BaselineMetric, Column, ModelTake
from evalharness.metrics.efficiency import BY_MACHINE

Floats: TypeAlias = NDArray[np.float64]
_T = TypeVar("_T")

NOT_INTERLEAVED = (
    "the machine and the hour decide it, too: only --interleave gates, and only latency, "
    "peak_memory and energy"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A metric's columns (P,) on both sides, NaN = missing; `reason` where it cannot be judged.

    `sampled` is what the columns run over: the suite's prompts, or turns that models took.
    """

    model: str
    metric: BaselineMetric
    before: Floats
    after: Floats
    reason: str = ""
    outcome: Outcome = Outcome.NOT_GATED
    sampled: Sampled = "prompts"

    @property
    def share(self) -> bool:
        """Whether its values are shares."""
        return self.metric.unit == SHARE

    @property
    def by_machine(self) -> bool:
        """Whether the machine decides it as much as the model."""
        return base_name(self.metric.metric) in BY_MACHINE


def aligned(take: ModelTake, of: Baseline, to: Baseline) -> ModelTake:
    """A take with its columns on another baseline's prompts and seeds, None where it has none."""
    if (of.prompts, of.seeds) == (to.prompts, to.seeds):
        return take
    places = {prompt.id: place for place, prompt in enumerate(of.prompts)}
    order = [places.get(prompt.id) for prompt in to.prompts]
    seeds = [of.seeds.index(seed) if seed in of.seeds else None for seed in to.seeds]

    def moved(values: Sequence[_T], order: Sequence[int | None]) -> tuple[_T | None, ...]:
        return tuple(None if place is None else values[place] for place in order)

    nothing: tuple[str | None, ...] = (None,) * len(of.seeds)
    return replace(
        take,
        outputs=tuple(moved(outputs or nothing, seeds) for outputs in moved(take.outputs, order)),
        answered=moved(take.answered, order),
        scores={name: moved(values, order) for name, values in take.scores.items()},
        sets={
            name: replace(one, column=one.column and moved(one.column, order))
            for name, one in take.sets.items()
        },
    )


def identical_outputs(before: ModelTake, after: ModelTake) -> tuple[int, int]:
    """How many outputs there are on either side, and how many are the same bytes on both."""
    seen = [
        (old, new)
        for olds, news in zip(before.outputs, after.outputs, strict=True)
        for old, new in zip(olds, news, strict=True)
    ]
    return (
        sum(old is not None or new is not None for old, new in seen),
        sum(old == new for old, new in seen if old is not None),
    )


def model_pairs(
    metrics: Sequence[BaselineMetric], before: ModelTake, after: ModelTake, timed: Sequence[Pair]
) -> Iterator[Pair]:
    """Every metric of a model on both sides, and first whether it answered at all."""
    compared, identical = identical_outputs(before, after)
    unchanged = compared > 0 and identical == compared
    in_turns = {pair.metric.metric: pair for pair in timed if pair.model == after.model}
    yield _answered(before, after, unchanged)
    for metric in metrics:
        if metric.metric in in_turns:
            yield in_turns[metric.metric]
            continue
        pair = _pair(metric, before, after)
        if pair.by_machine and not np.isnan(pair.before).all():
            pair = replace(pair, reason=NOT_INTERLEAVED, outcome=Outcome.NOT_GATED)
        elif not pair.reason and unchanged:
            why = f"all {compared} outputs are identical, byte for byte"
            pair = replace(pair, reason=why, outcome=Outcome.PASS)
        yield pair


def _pair(metric: BaselineMetric, before: ModelTake, after: ModelTake) -> Pair:
    """Not gated without the baseline's scores; without those of now, nothing can be decided."""
    olds, why_old = _column(metric, before)
    news, why_new = _column(metric, after)
    pair = Pair(after.model, metric, olds, news)
    if np.isnan(olds).all():
        return replace(pair, reason=why_old or "the baseline has no score of it")
    if np.isnan(news).all():
        why = f"it has no score now{why_new and f': {why_new}'}"
        return replace(pair, reason=why, outcome=Outcome.INCONCLUSIVE)
    if metric.level == "set":
        first, second = before.sets[metric.metric].n, after.sets[metric.metric].n
        if first != second and not any_size(metric.metric):
            why = f"sets of {first} and {second} outputs; it depends on their size"
            return replace(pair, reason=why, outcome=Outcome.INCONCLUSIVE)
    return pair


def _column(metric: BaselineMetric, take: ModelTake) -> tuple[Floats, str]:
    """A metric's column, and why there is none where that is known."""
    nothing: Column = (None,) * len(take.answered)
    if metric.level == "output":
        return column(take.scores.get(metric.metric, nothing)), ""
    one = take.sets.get(metric.metric)
    if one is None:
        return column(nothing), ""
    return column(one.column or nothing), one.reason


def _answered(before: ModelTake, after: ModelTake, unchanged: bool) -> Pair:
    """Whether it still answers; a stable refusal beside equal bytes is no change to be sure of."""
    metric = BaselineMetric(ANSWERED, 1, "Answered", SHARE, "higher", "output", "")
    pair = Pair(after.model, metric, column(before.answered), column(after.answered))
    both = np.concatenate([pair.before, pair.after])
    if (both[np.isfinite(both)] == 1.0).all():
        return replace(pair, reason="every output is ok on both sides", outcome=Outcome.PASS)
    if unchanged and np.array_equal(pair.before, pair.after, equal_nan=True):
        why = "the same outputs are ok on both sides, byte for byte"
        return replace(pair, reason=why, outcome=Outcome.PASS)
    return pair
