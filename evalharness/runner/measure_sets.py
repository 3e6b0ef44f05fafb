"""Set scores: one metric on all outputs of a model in a suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evalharness.catalog.metrics import MetricChoice
from evalharness.core.contracts import SetMetric, SetTable
from evalharness.core.errors import HarnessError
from evalharness.core.keys import set_score_key
from evalharness.core.outcomes import Status
from evalharness.ledger.rows import SetScoreRow
from evalharness.runner import clock
from evalharness.runner.features import StoredFeature, fetch, stack
from evalharness.runner.known import Known
from evalharness.runner.looking import Look, ReferenceSet
from evalharness.runner.subjects import Measured


@dataclass(frozen=True)
class SetScoring:
    """One set metric over a suite's outputs; `done` are the set scores that are stored.

    The reference's features are fetched once, for the first model that needs them.
    """

    run: str
    suite: str
    recipe: str
    choice: MetricChoice
    metric: SetMetric
    look: Look | None
    reference: ReferenceSet | None
    known: Known
    done: set[tuple[str, str, str]]

    def row(self, variant: str, subjects: Sequence[Measured]) -> SetScoreRow | None:
        """The score of one variant: a value, a reason for none, or None if it is stored."""
        key = self._key(subjects)
        if not subjects or (variant, self.choice.name, key) in self.done:
            return None
        features = fetch(self.known, (k for s in subjects for k in s.reads.values()))
        ready = [s for s in subjects if s.problem(features) is None]
        try:
            table = self._table(ready, features)
            self._check_size(table, len(ready))
            value = self.metric.measure(table)
        except Exception as error:
            kind = "" if isinstance(error, HarnessError) else f"{type(error).__name__}: "
            return self._row(variant, "", f"{kind}{error}", None, None, None, len(ready))
        # outputs without features would leave the stored key a lie: keep none, measure again
        kept = key if len(ready) == len(subjects) else ""
        return self._row(variant, kept, "", value.value, value.low, value.high, len(ready))

    def _key(self, subjects: Sequence[Measured]) -> str:
        reference = None
        if self.look is not None and self.reference is not None:
            reference = self.look.key(self.reference.digest)
        members = [subject.key for subject in subjects]
        return set_score_key(self.choice.name, self.metric.facts.version, members, reference)

    def _check_size(self, table: SetTable, n: int) -> None:
        minimum = self.metric.minimum_n(table.outputs.shape[1] if table.outputs.size else 0)
        if n < minimum:
            raise HarnessError(f"n = {n}, at least {minimum} needed")
        if "reference" in self.metric.facts.needs and len(table.reference) < minimum:
            raise HarnessError(
                f"the reference has {len(table.reference)} pictures, at least {minimum} needed"
            )

    def _table(self, ready: Sequence[Measured], features: Mapping[str, StoredFeature]) -> SetTable:
        prompts = {name: i for i, name in enumerate(dict.fromkeys(s.prompt.id for s in ready))}
        return SetTable(
            outputs=stack(features[s.reads["output"]].vector for s in ready if s.reads),
            reference=self._reference_vectors,
            duration_s=np.array([s.output.duration_s for s in ready], np.float64),
            batch_size=np.array([s.output.batch_size for s in ready], np.float64),
            clusters=np.array([prompts[s.prompt.id] for s in ready], np.int64),
        )

    @cached_property
    def _reference_vectors(self) -> NDArray[np.float32]:
        if self.look is None or self.reference is None:
            return np.zeros((0, 0), np.float32)
        subjects = self.known.reference_subjects(self.reference.digest)
        keys = [self.look.key(subject) for subject in subjects]
        seen = fetch(self.known, keys)
        vectors = [seen[key].vector for key in keys if key in seen]
        lost = len(keys) - sum(vector is not None for vector in vectors)
        if lost:
            raise HarnessError(f"{lost} of {len(keys)} reference pictures could not be looked at")
        return stack(vectors)

    def _row(
        self,
        variant: str,
        key: str,
        reason: str,
        value: float | None,
        low: float | None,
        high: float | None,
        n: int,
    ) -> SetScoreRow:
        return SetScoreRow(
            run=self.run,
            made_at=clock.now(),
            suite=self.suite,
            variant=variant,
            metric=self.choice.name,
            recipe=self.recipe,
            score_key=key,
            status=str(Status.FAILED if value is None else Status.OK),
            reason=reason,
            value=value,
            low=low,
            high=high,
            n=n,
            reference=None if self.reference is None else self.reference.digest,
        )
