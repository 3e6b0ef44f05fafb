"""Differences of two sides, metric by metric and slice by slice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn, is_by_batch
from evalharness.board.compare.comparison import (
    MetricDifference,
    SetPair,
    SliceDifference,
)
from evalharness.board.influences import set_difference
from evalharness.board.measured import SHARE
from evalharness.board.multiple import benjamini_hochberg, holm
from evalharness.board.paired import PairedDifference, paired_difference
from evalharness.board.selection import Only, Selection
from evalharness.board.separated import adjusted_by, better
from evalharness.board.slices import FEWEST_OF_A_SLICE, slices

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

    Means = Mapping[str, NDArray[np.float64]]

ONE_TAKE_ONLY = "stored for a model's counted outputs only"
IDENTICAL = "identical outputs: not tested"
MEASURED_BY_BATCH = "not tested: measured by batch, not in turns"


def metric_differences(
    columns: Sequence[MetricColumn],
    means: Means,
    cells: Mapping[str, Sequence[Cell]],
    *,
    same_outputs: bool,
) -> tuple[MetricDifference, ...]:
    """Every metric on outputs; `means` (2, P) by metric, NaN = no score.

    With `same_outputs` (all digests equal) a metric without any difference is not tested: two
    equal pictures are no evidence, however many there are. Nor is what was measured by batch.
    """
    found = []
    for column in columns:
        first, second = means[column.metric]
        pair = paired_difference(first, second, share=column.unit == SHARE)
        common = np.isfinite(first) & np.isfinite(second)
        equal = same_outputs and not np.any(first[common] != second[common])
        if equal or is_by_batch(column):
            pair = replace(pair, low=None, high=None, p=None, detectable=None)
        found.append(
            MetricDifference(
                column=column,
                first=float(first[common].mean()) if common.any() else None,
                second=float(second[common].mean()) if common.any() else None,
                paired=pair,
                adjusted=None,
                better="",
                missing=(cells[column.metric][0].missing, cells[column.metric][1].missing),
                reason=MEASURED_BY_BATCH
                if is_by_batch(column)
                else _reason(pair, first, second, same_outputs),
            )
        )
    return tuple(found)


def separated(
    metrics: Sequence[MetricDifference], sets: Sequence[SetPair] = ()
) -> tuple[tuple[MetricDifference, ...], tuple[SetPair, ...]]:
    """All of them with p values after Holm over both kinds, and with the better side if any."""
    pairs = [*(one.paired for one in metrics), *(one.paired for one in sets)]
    adjusted = adjusted_by(holm, pairs)
    return (
        tuple(
            replace(one, adjusted=q, better=better(one.paired, q, one.column))
            for one, q in zip(metrics, adjusted[: len(metrics)], strict=True)
        ),
        tuple(
            replace(one, adjusted=q, better=better(one.paired, q, one.column))
            for one, q in zip(sets, adjusted[len(metrics) :], strict=True)
        ),
    )


def _reason(
    pair: PairedDifference,
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    same_outputs: bool,
) -> str:
    """What cannot be known, and why; empty where all is known."""
    if pair.prompts == 0:
        counts = [int(np.isfinite(one).sum()) for one in (first, second)]
        return f"no common prompts: scores on {counts[0]} and {counts[1]}"
    if pair.difference == 0 and pair.spread == 0 and same_outputs:
        return IDENTICAL
    return _no_interval(pair)


def _no_interval(pair: PairedDifference) -> str:
    """Why a difference on common prompts has no interval; empty where it has one."""
    if pair.difference == 0 and pair.spread == 0:
        return "no prompt differs"
    if pair.prompts == 1:
        return "one common prompt: no interval"
    return "all prompts differ alike: no interval" if pair.low is None else ""


def set_pairs(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    columns: Iterable[MetricColumn],
    cells: Mapping[str, Sequence[Cell]],
    *,
    same_outputs: bool,
) -> tuple[SetPair, ...]:
    """Every metric on sets; the numbers stored are no single take's or run's."""
    found = []
    for column in columns:
        first, second = (
            Cell(reason=ONE_TAKE_ONLY) if only != Only() else cell
            for only, cell in zip(selection.restricted, cells[column.metric], strict=True)
        )
        told: PairedDifference | str = IDENTICAL
        if not same_outputs:
            told = set_difference(connection, selection, column.metric, 0, 1)
        pair, why = (None, told) if isinstance(told, str) else (told, _no_interval(told))
        found.append(SetPair(column, first, second, pair, None, "", why))
    return tuple(found)


def slice_differences(
    columns: Sequence[MetricColumn],
    means: Means,
    prompts: Sequence[str],
    tags: Mapping[str, Mapping[str, str]],
) -> tuple[SliceDifference, ...]:
    """Every metric on the prompts of every tag's value; `tags` are those of each prompt.

    A value that all prompts share is no slice; one with few common prompts is left out.
    """
    found: list[tuple[MetricColumn, SliceDifference]] = []
    for tag, value, member in slices(prompts, tags):
        for column in columns:
            if is_by_batch(column):
                continue
            first, second = means[column.metric][:, member]
            pair = paired_difference(first, second, share=column.unit == SHARE)
            if pair.prompts >= FEWEST_OF_A_SLICE:
                found.append((column, SliceDifference(tag, value, column.metric, pair, None, "")))
    adjusted = adjusted_by(benjamini_hochberg, [one.paired for _, one in found])
    return tuple(
        replace(one, adjusted=q, better=better(one.paired, q, column))
        for (column, one), q in zip(found, adjusted, strict=True)
    )
