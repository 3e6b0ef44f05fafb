"""Scribes answer, and metrics read what they wrote: without a store, so that thousands can."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from evalharness.backends.scribe import ENTRY
from evalharness.backends.scribe.writing import Scribe
from evalharness.board.statistics import Interval, interval_of_sums
from evalharness.catalog import registry
from evalharness.catalog.instruments import load_instrument
from evalharness.core.contracts import Extractor
from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Job, Json, Model, Prompt
from evalharness.core.outcomes import Answer, Exchange, FeatureValue, Likelihoods, Status, Text
from evalharness.core.tables import OutputTable, Seen, SetTable, Subject

SHARE: Final = "share"


def scribe(name: str, **options: Json) -> Model:
    """A scribe with these options."""
    return Model(name, "scribe", "", modality="text", options=options)


def answered(asked: Sequence[Prompt], seeds: int, **options: Json) -> OutputTable:
    """The ok answers of a scribe to each prompt under so many seeds, as metrics see them."""
    jobs = [
        Job(f"{i} {seed}", "scribe", prompt, prompt.text, None, seed, {})
        for i, prompt in enumerate(asked)
        for seed in range(seeds)
    ]
    model = scribe("scribe", **options)
    with Scribe(model, ENTRY.resolve(model)) as writer:
        pairs = [(j, a) for j, a in zip(jobs, writer.generate(jobs), strict=True)]
    return _table([(job, answer) for job, answer in pairs if answer.status is Status.OK])


def _table(pairs: Sequence[tuple[Job, Answer]]) -> OutputTable:
    nothing = np.full(len(pairs), np.nan)
    media = [answer.media[0] for _, answer in pairs]
    return OutputTable(
        prompts=tuple(job.prompt for job, _ in pairs),
        seeds=np.array([job.seed for job, _ in pairs], np.int64),
        statuses=(Status.OK,) * len(pairs),
        duration_s=nothing,
        batch_size=nothing,
        peak_memory_bytes=nothing,
        cost=nothing,
        energy_j=nothing,
        texts=tuple(one.text if isinstance(one, Text) else None for one in media),
        likelihoods=tuple(one if isinstance(one, Likelihoods) else None for one in media),
    )


def value(metric: str, table: OutputTable) -> Interval:
    """A metric's number for answers, with its 95 % interval, as a board shows it."""
    found = registry.metric(metric.partition("[")[0])
    _, prompt = np.unique([p.id for p in table.prompts], return_inverse=True)
    if not isinstance(found, OutputMetric):
        got = found.measure(SetTable(_seen(metric, table), prompt.astype(np.int64)))
        return Interval(got.value, got.low, got.high, len(table), int(prompt.max()) + 1)
    values = scores(metric, table)
    known = np.isfinite(values)
    counts, sums = np.bincount(prompt[known]), np.bincount(prompt[known], values[known])
    there = counts > 0
    return interval_of_sums(sums[there], counts[there], share=found.facts.unit == SHARE)


def scores(metric: str, table: OutputTable) -> np.ndarray:
    """(n,): what a metric of single outputs gives each answer."""
    found = registry.metric(metric.partition("[")[0])
    assert isinstance(found, OutputMetric)
    return found.measure(_seen(metric, table))


def _seen(metric: str, table: OutputTable) -> OutputTable:
    """With what the metric's instrument makes of the answers, if it needs one."""
    name, _, instrument = metric.removesuffix("]").partition("[")
    facts = registry.metric(name).facts
    if not facts.needs:
        return table
    return _looked_at(table, name, instrument or facts.default_instrument or "")


def _looked_at(table: OutputTable, metric: str, instrument: str) -> OutputTable:
    """With what the instrument makes of each answer, each text asked about, and both together."""
    facts = registry.metric(metric).facts
    asked = [(i, text) for i, p in enumerate(table.prompts) for text in facts.asks(p)]
    said = [text or "" for text in table.texts]
    subjects: Mapping[Subject, list[tuple[int, Text | Exchange]]] = {
        "output": [(i, Text(text)) for i, text in enumerate(said)],
        "prompt": [(i, Text(text)) for i, text in asked],
        "exchange": [(i, Exchange(said[i], text)) for i, text in asked],
    }
    return replace(
        table, seen={subject: _sights(instrument, subjects[subject]) for subject in facts.needs}
    )


def _sights(instrument: str, subjects: Sequence[tuple[int, Text | Exchange]]) -> Seen:
    of = np.array([i for i, _ in subjects], np.int64)
    found = _values(instrument, [one for _, one in subjects])
    if all(one.vector is not None for one in found):
        return Seen(of, np.arange(len(of)), vectors=np.array([one.vector for one in found]))
    scalars = [float("nan") if one.scalar is None else float(one.scalar) for one in found]
    return Seen(of, np.arange(len(of)), scalars=np.array(scalars, np.float64))


@cache
def _extractor(instrument: str) -> Extractor:
    """Opened once, and closed with the process."""
    loaded = load_instrument(instrument)
    entry = registry.extractor(loaded.extractor)
    made = registry.load(entry.implementation)(loaded, entry.resolve(loaded))
    opened: Extractor = _OPEN.enter_context(made)
    return opened


_OPEN: Final = ExitStack()


def _values(instrument: str, subjects: Sequence[Text | Exchange]) -> list[FeatureValue]:
    """What the instrument sees in each; the same subject is looked at once."""
    if len(_LOOKED_AT) > _REMEMBERED:
        _LOOKED_AT.clear()
    new = [one for one in dict.fromkeys(subjects) if (instrument, one) not in _LOOKED_AT]
    for one, found in zip(new, _extractor(instrument).extract(new), strict=True):
        _LOOKED_AT[instrument, one] = found
    return [_LOOKED_AT[instrument, one] for one in subjects]


_LOOKED_AT: Final[dict[tuple[str, Text | Exchange], FeatureValue]] = {}
_REMEMBERED: Final = 20_000


@cache
def folder() -> Path:
    """A folder that is there until the process ends."""
    return Path(_OPEN.enter_context(tempfile.TemporaryDirectory()))
