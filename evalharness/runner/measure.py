"""The measure stage: metrics over stored outputs and features, in the parent, without networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalharness.catalog.metrics import MetricChoice
from evalharness.core.contracts import OutputMetric
from evalharness.ledger.rows import MetricRow, Row
from evalharness.runner import clock
from evalharness.runner.known import Known, KnownOutput
from evalharness.runner.looking import Look, find_reference
from evalharness.runner.measure_outputs import OutputScoring
from evalharness.runner.measure_sets import SetScoring
from evalharness.runner.plan import SuitePlan
from evalharness.runner.subjects import measured


def measure(
    run: str,
    plans: Sequence[SuitePlan],
    looks: Mapping[str, Look],
    outputs: Mapping[str, KnownOutput],
    known: Known,
) -> list[Row]:
    """Every score and set score that the plans mean and the ledger lacks."""
    rows: list[Row] = []
    for plan in plans:
        done = known.set_score_keys(plan.digest)
        for choice in plan.metrics:
            rows.append(_metric_row(run, choice))
            look = looks.get(choice.instrument.name) if choice.instrument else None
            if choice.instrument is not None and look is None:
                continue
            rows.extend(_scores(run, plan, choice, look, outputs, known, done))
    return rows


def _scores(
    run: str,
    plan: SuitePlan,
    choice: MetricChoice,
    look: Look | None,
    outputs: Mapping[str, KnownOutput],
    known: Known,
    done: set[tuple[str, str, str]],
) -> list[Row]:
    metric = choice.metric
    subjects = {m.variant: measured(choice, look, m.jobs, outputs) for m in plan.models}
    if isinstance(metric, OutputMetric):
        scoring = OutputScoring(run, choice, metric, known)
        return scoring.rows([subject for found in subjects.values() for subject in found])
    reference = find_reference(plan) if "reference" in metric.facts.needs else None
    sets = SetScoring(run, plan.digest, choice, metric, look, reference, known, done)
    rows = (sets.row(variant, found) for variant, found in subjects.items())
    return [row for row in rows if row is not None]


def _metric_row(run: str, choice: MetricChoice) -> MetricRow:
    facts = choice.metric.facts
    return MetricRow(
        run=run,
        made_at=clock.now(),
        metric=choice.name,
        version=facts.version,
        title=facts.title,
        unit=facts.unit,
        direction=facts.direction,
        level="output" if isinstance(choice.metric, OutputMetric) else "set",
    )
