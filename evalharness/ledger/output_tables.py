"""Outputs and what was seen in them as metrics read them: aligned columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from evalharness.core.errors import HarnessError
from evalharness.core.likelihoods import read
from evalharness.core.measures import SetMetric
from evalharness.core.outcomes import Likelihoods
from evalharness.core.tables import OutputTable, Reference, SetTable
from evalharness.ledger.features import Features
from evalharness.ledger.known_outputs import KnownOutput
from evalharness.ledger.subjects import Measured


def set_table(
    subjects: Sequence[Measured], features: Features, reference: Reference | None = None
) -> SetTable:
    """Outputs as a set; clusters number the prompts in the order in which they come."""
    prompts = {name: i for i, name in enumerate(dict.fromkeys(s.prompt.id for s in subjects))}
    return SetTable(
        outputs=output_table(subjects, features),
        clusters=np.array([prompts[s.prompt.id] for s in subjects], np.int64),
        reference=reference,
    )


def check_size(metric: SetMetric, table: SetTable) -> None:
    """Raise HarnessError where a set is too small for the metric, or its reference is."""
    seen = table.outputs.seen.get("output")
    minimum = metric.minimum_n(0 if seen is None or seen.vectors is None else seen.vectors.shape[1])
    if len(table.outputs) < minimum:
        raise HarnessError(f"n = {len(table.outputs)}, at least {minimum} needed")
    known = None if table.reference is None else table.reference.n
    if known is not None and known < minimum:
        raise HarnessError(f"the reference has {known} pictures, at least {minimum} needed")


def output_table(subjects: Sequence[Measured], features: Features) -> OutputTable:
    """Outputs and what was seen in them as aligned columns."""
    seen = {}
    for subject in subjects[0].reads if subjects else ():
        reads = [(i, key) for i, s in enumerate(subjects) for key in s.reads[subject]]
        seen[subject] = features.seen([i for i, _ in reads], [key for _, key in reads])
    outputs = [s.output for s in subjects]
    return OutputTable(
        prompts=tuple(s.prompt for s in subjects),
        seeds=np.array([o.seed for o in outputs], np.int64),
        statuses=tuple(o.status for o in outputs),
        duration_s=np.array([o.duration_s for o in outputs], np.float64),
        batch_size=np.array([o.batch_size for o in outputs], np.float64),
        peak_memory_bytes=_numbers(o.peak_memory_bytes for o in outputs),
        cost=_numbers(o.cost for o in outputs),
        energy_j=_numbers(o.energy_j for o in outputs),
        texts=tuple(o.words for o in outputs),
        seen=seen,
        likelihoods=tuple(_likelihoods(o) for o in outputs),
    )


def _likelihoods(output: KnownOutput) -> Likelihoods | None:
    return read(output.text) if output.kind == "likelihoods" and output.text else None


def _numbers(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([math.nan if value is None else value for value in values], np.float64)
