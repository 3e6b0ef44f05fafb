"""Scores: one metric on single outputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalharness.catalog.metrics import MetricChoice
from evalharness.core.contracts import OutputMetric, OutputTable
from evalharness.core.outcomes import Status
from evalharness.ledger.rows import Row, ScoreRow
from evalharness.runner import clock
from evalharness.runner.features import StoredFeature, fetch, stack
from evalharness.runner.known import Known
from evalharness.runner.subjects import Measured

NOT_APPLICABLE = "not_applicable"
"""A score's status where the metric has nothing to say (lettering, where none was asked for)."""


@dataclass(frozen=True, slots=True)
class OutputScoring:
    """One output metric over outputs, for the scores that are not stored yet."""

    run: str
    recipe: str
    choice: MetricChoice
    metric: OutputMetric
    known: Known

    def rows(self, subjects: Sequence[Measured]) -> list[Row]:
        """A row per output: a value, or the reason why there is none.

        Outputs nobody has looked at yet get no row.
        """
        done = self.known.score_keys(subject.key for subject in subjects)
        left = [subject for subject in subjects if subject.key not in done]
        features = fetch(self.known, (key for s in left for key in s.reads.values()))
        ready: list[Measured] = []
        rows: list[Row] = []
        for subject in left:
            problem = subject.problem(features)
            if problem is None:
                ready.append(subject)
            elif problem:
                rows.append(self._row(subject, Status.FAILED, None, problem))
        return rows + self._measure(ready, features)

    def _measure(
        self, ready: Sequence[Measured], features: Mapping[str, StoredFeature]
    ) -> list[Row]:
        if not ready:
            return []
        try:
            values = self.metric.measure(output_table(ready, features))
        except Exception as error:
            if len(ready) > 1:  # one output that cannot be measured must not take the others
                return [row for one in ready for row in self._measure([one], features)]
            return [self._row(ready[0], Status.FAILED, None, f"{type(error).__name__}: {error}")]
        return [
            self._row(subject, NOT_APPLICABLE, None, "")
            if math.isnan(value)
            else self._row(subject, Status.OK, float(value), "")
            for subject, value in zip(ready, values, strict=True)
        ]

    def _row(self, subject: Measured, status: str, value: float | None, reason: str) -> ScoreRow:
        # a failed score keeps no key, so that the next run tries it again
        return ScoreRow(
            run=self.run,
            made_at=clock.now(),
            job_key=subject.output.job_key,
            take=subject.output.take,
            prompt=subject.prompt_digest,
            metric=self.choice.name,
            recipe=self.recipe,
            score_key="" if status == Status.FAILED else subject.key,
            status=str(status),
            reason=reason,
            value=value,
        )


def output_table(
    subjects: Sequence[Measured], features: Mapping[str, StoredFeature]
) -> OutputTable:
    """Outputs and what was seen in them as aligned columns."""
    vectors, words = {}, {}
    for subject in subjects[0].reads:
        found = [features[s.reads[subject]] for s in subjects]
        if all(feature.vector is not None for feature in found):
            vectors[subject] = stack(feature.vector for feature in found)
        else:
            words[subject] = tuple(feature.text or "" for feature in found)
    outputs = [s.output for s in subjects]
    memory = [math.nan if o.peak_memory_bytes is None else o.peak_memory_bytes for o in outputs]
    return OutputTable(
        prompts=tuple(s.prompt for s in subjects),
        duration_s=np.array([o.duration_s for o in outputs], np.float64),
        batch_size=np.array([o.batch_size for o in outputs], np.float64),
        peak_memory_bytes=np.array(memory, np.float64),
        texts=tuple(o.text for o in outputs),
        vectors=vectors,
        words=words,
    )
