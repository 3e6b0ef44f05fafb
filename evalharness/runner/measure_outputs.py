"""Scores: one metric on single outputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from evalharness.catalog.metrics import MetricChoice
from evalharness.core.measures import OutputMetric
from evalharness.core.outcomes import Status
from evalharness.ledger.features import Features, fetch
from evalharness.ledger.output_tables import output_table
from evalharness.ledger.rows import Row, ScoreRow
from evalharness.ledger.subjects import Measured
from evalharness.runner import clock
from evalharness.runner.known import Known

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
    made_at: datetime = field(default_factory=clock.now)

    def rows(self, subjects: Sequence[Measured]) -> list[Row]:
        """A row per output: a value, or the reason why there is none.

        Outputs nobody has looked at yet get no row.
        """
        done = self.known.score_keys(subject.key for subject in subjects)
        left = [subject for subject in subjects if subject.key not in done]
        keys = (key for s in left for keys in s.reads.values() for key in keys)
        features = fetch(self.known.connection, keys, self.metric.facts.reads)
        ready: list[Measured] = []
        rows: list[Row] = []
        for subject in left:
            if not subject.applies:
                rows.append(self._row(subject, NOT_APPLICABLE, None, ""))
                continue
            problem = subject.problem(features)
            if problem is None:
                ready.append(subject)
            elif problem:
                rows.append(self._row(subject, Status.FAILED, None, problem))
        return rows + self._measure(ready, features)

    def _measure(self, ready: Sequence[Measured], features: Features) -> list[Row]:
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
            made_at=self.made_at,
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
