"""Set scores: one metric on all outputs of a model in a suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from evalharness.catalog.metrics import MetricChoice
from evalharness.core.errors import HarnessError
from evalharness.core.keys import set_score_key
from evalharness.core.measures import SetMetric
from evalharness.core.outcomes import Status
from evalharness.core.tables import Reference, SetValue
from evalharness.ledger.features import fetch
from evalharness.ledger.output_tables import check_size, set_table
from evalharness.ledger.rows import SetScoreRow
from evalharness.ledger.subjects import Measured
from evalharness.runner import clock
from evalharness.runner.known import Known
from evalharness.runner.look import Look
from evalharness.runner.looking import ReferenceSet
from evalharness.runner.measure_outputs import NOT_APPLICABLE
from evalharness.runner.reference_features import reference_features


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
        asked = [subject for subject in subjects if subject.applies]
        key = self._key(asked)
        if not subjects or (variant, self.choice.name, key) in self.done:
            return None
        if not asked:
            reason = "does not apply to these answers"
            return self._row(variant, key, reason, None, 0, 0, NOT_APPLICABLE)
        keys = (key for s in asked for keys in s.reads.values() for key in keys)
        features = fetch(self.known.connection, keys, self.metric.facts.reads)
        ready = [s for s in asked if s.problem(features) is None]
        try:
            table = set_table(ready, features, self._reference)
            check_size(self.metric, table)
            value = self.metric.measure(table)
        except Exception as error:
            kind = "" if isinstance(error, HarnessError) else f"{type(error).__name__}: "
            return self._row(variant, "", f"{kind}{error}", None, len(ready), len(asked))
        # outputs without features would leave the stored key a lie: keep none, measure again
        kept = key if len(ready) == len(asked) else ""
        return self._row(variant, kept, "", value, len(ready), len(asked))

    def _key(self, subjects: Sequence[Measured]) -> str:
        reference = None
        if self.look is not None and self.reference is not None:
            reference = self.look.key(self.reference.digest)
        members = [subject.key for subject in subjects]
        return set_score_key(self.choice.name, self.metric.facts.version, members, reference)

    @cached_property
    def _reference(self) -> Reference | None:
        if self.look is None or self.reference is None:
            return None
        return reference_features(self.known, self.look, self.reference)

    def _row(
        self,
        variant: str,
        key: str,
        reason: str,
        value: SetValue | None,
        n: int,
        asked: int,
        without: str = Status.FAILED,
    ) -> SetScoreRow:
        return SetScoreRow(
            run=self.run,
            made_at=clock.now(),
            suite=self.suite,
            variant=variant,
            metric=self.choice.name,
            recipe=self.recipe,
            score_key=key,
            status=str(without if value is None else Status.OK),
            reason=reason,
            value=None if value is None else value.value,
            low=None if value is None else value.low,
            high=None if value is None else value.high,
            n=n,
            asked=asked,
            reference=None if self.reference is None else self.reference.digest,
        )
