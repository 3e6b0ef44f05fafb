"""Baselines as sheets: one on its own, and what is between two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evalharness.board.gate.gating import gate
from evalharness.board.gate.judging import column
from evalharness.board.gate.mismatch import check_asked, measuring_differences
from evalharness.board.gate.tables import sheets
from evalharness.board.numbers import number_text
from evalharness.board.sheets import Sheet
from evalharness.core.baseline import Baseline, Column, ModelTake


def shown_sheets(baseline: Baseline) -> list[Sheet]:
    """What a baseline holds: means by model and metric, and where it comes from."""
    names = [metric.metric for metric in baseline.metrics]
    rows = tuple((take.model, *(_mean(take, name) for name in names)) for take in baseline.models)
    head = f"Baseline of {baseline.suite} version {baseline.version}"
    return [Sheet(head, ("model", *names), rows, tuple(_sentences(baseline)))]


def _mean(take: ModelTake, metric: str) -> str:
    one = take.sets.get(metric)
    if one is not None:
        return number_text(one.value)
    values: Column = take.scores.get(metric, ())
    known = column(values)
    return number_text(float(np.nanmean(known)) if np.isfinite(known).any() else None)


def _sentences(baseline: Baseline) -> Iterator[str]:
    seeds = ", ".join(map(str, baseline.seeds))
    yield f"{len(baseline.prompts)} prompts, seeds {seeds}; suite {baseline.suite_digest[:12]}."
    for take in baseline.models:
        statuses = ", ".join(f"{count} {status}" for status, count in take.statuses.items())
        runs = ", ".join(take.runs)
        yield f"{take.model}: {statuses}; weights {take.revision[:19]}; runs {runs}."


def difference_sheets(first: Baseline, second: Baseline) -> list[Sheet]:
    """The second judged by the first; raises BadInputError for baselines of different suites.

    Where other instruments measured, that is said and nothing is judged.
    """
    check_asked(first, second.suite, second.version, second.suite_digest, second.prompts)
    apart = tuple(measuring_differences(first.measured_by, second.measured_by))
    if apart:
        return [Sheet("Measured by other instruments: nothing can be compared", sentences=apart)]
    found = gate(first, second, against="the first", run="")
    return sheets(found)
