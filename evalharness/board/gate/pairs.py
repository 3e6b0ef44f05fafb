"""A metric of one model on both sides of a gate, and what cannot or need not be judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalharness.board.columns import base_name
from evalharness.board.gate.judging import column
from evalharness.board.gate.verdict import ANSWERED, Outcome
from evalharness.board.measured import SHARE
from evalharness.core.baseline import Baseline, BaselineMetric, ModelTake
from evalharness.metrics.efficiency import BY_MACHINE

Floats: TypeAlias = NDArray[np.float64]

NOT_INTERLEAVED = "the machine and the hour decide it, too: gated with --interleave only"


@dataclass(frozen=True, slots=True)
class Pair:
    """A metric's columns (P,) on both sides, NaN = missing; `reason` where it cannot be judged."""

    model: str
    metric: BaselineMetric
    before: Floats
    after: Floats
    reason: str = ""
    outcome: Outcome = Outcome.NOT_GATED

    @property
    def share(self) -> bool:
        """Whether its values are shares."""
        return self.metric.unit == SHARE

    @property
    def by_machine(self) -> bool:
        """Whether the machine decides it as much as the model."""
        return base_name(self.metric.metric) in BY_MACHINE


def aligned(take: ModelTake, baseline: Baseline, fresh: Baseline) -> ModelTake:
    """A baseline's take with its columns on the fresh take's prompts, in their order."""
    if [p.id for p in baseline.prompts] == [p.id for p in fresh.prompts]:
        return take
    places = {prompt.id: place for place, prompt in enumerate(baseline.prompts)}
    order = [places.get(prompt.id) for prompt in fresh.prompts]

    def moved(values: Sequence[float | None]) -> tuple[float | None, ...]:
        return tuple(None if place is None else values[place] for place in order)

    nothing = tuple(None for _ in baseline.seeds)
    return replace(
        take,
        outputs=tuple(nothing if place is None else take.outputs[place] for place in order),
        answered=moved(take.answered),
        scores={name: moved(values) for name, values in take.scores.items()},
        sets={
            name: replace(one, column=one.column and moved(one.column))
            for name, one in take.sets.items()
        },
    )


def identical_outputs(before: ModelTake, after: ModelTake) -> tuple[int, int]:
    """How many outputs there are on either side, and how many are the same bytes on both."""
    seen = [
        (old, new)
        for olds, news in zip(before.outputs, after.outputs, strict=True)
        for old, new in zip(olds, news, strict=False)
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
    in_turns = {pair.metric.metric: pair for pair in timed if pair.model == after.model}
    yield _answered(before, after)
    for metric in metrics:
        if metric.metric in in_turns:
            yield in_turns[metric.metric]
            continue
        pair = _pair(metric, before, after)
        if pair.by_machine:
            pair = replace(pair, reason=NOT_INTERLEAVED)
        elif not pair.reason and np.isnan(pair.before).all():
            pair = replace(pair, reason="the baseline has no score of it")
        elif not pair.reason and compared and identical == compared:
            why = f"all {compared} outputs are identical, byte for byte"
            pair = replace(pair, reason=why, outcome=Outcome.PASS)
        yield pair


def _pair(metric: BaselineMetric, before: ModelTake, after: ModelTake) -> Pair:
    if metric.level == "output":
        empty = (None,) * len(after.answered)
        old, new = (take.scores.get(metric.metric, empty) for take in (before, after))
        return Pair(after.model, metric, column(old), column(new))
    first, second = before.sets.get(metric.metric), after.sets.get(metric.metric)
    nothing = np.full(len(after.answered), np.nan)
    if first is None or second is None or first.column is None or second.column is None:
        missing = next((one for one in (second, first) if one is not None and one.reason), None)
        reason = missing.reason if missing else "it was not measured on both sides"
        return Pair(after.model, metric, nothing, nothing, reason)
    pair = Pair(after.model, metric, column(first.column), column(second.column))
    if first.n != second.n:
        why = f"sets of {first.n} and {second.n} pictures; it depends on their size"
        return replace(pair, reason=why)
    return pair


def _answered(before: ModelTake, after: ModelTake) -> Pair:
    metric = BaselineMetric(ANSWERED, 1, "Answered", SHARE, "higher", "output", "")
    pair = Pair(after.model, metric, column(before.answered), column(after.answered))
    both = np.concatenate([pair.before, pair.after])
    if (both[np.isfinite(both)] == 1.0).all():
        return replace(pair, reason="every output is ok on both sides", outcome=Outcome.PASS)
    return pair
