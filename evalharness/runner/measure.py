"""The measure stage: metrics over stored outputs and features, in the parent, without networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evalharness.catalog.metrics import MetricChoice
from evalharness.catalog.verification import is_verified
from evalharness.core.keys import metric_recipe
from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Json, Prompt
from evalharness.ledger.known_outputs import KnownOutput
from evalharness.ledger.rows import MetricRow, Row
from evalharness.ledger.subjects import measured
from evalharness.runner import clock
from evalharness.runner.known import Known
from evalharness.runner.look import Look
from evalharness.runner.looking import Sights
from evalharness.runner.measure_outputs import OutputScoring
from evalharness.runner.measure_sets import SetScoring
from evalharness.runner.plan import SuitePlan


def measure(
    run: str,
    plans: Sequence[SuitePlan],
    sights: Sights,
    known: Known,
    planned: Mapping[str, KnownOutput],
) -> list[Row]:
    """Every score and set score that the plans mean and the ledger lacks.

    `planned` are the finished outputs of the plans' jobs.
    Sets are all that was ever asked of a variant in the suite, not only this run's part of it:
    a run with `--limit` must not put the score of a few in the place of the score of all.
    """
    rows: list[Row] = []
    seen = known.metric_names()
    for plan in plans:
        members = _members(plan, known)
        others = {key for pairs in members.values() for _, key in pairs if key not in planned}
        outputs = {**planned, **known.finished_outputs(others)}
        for choice in plan.metrics:
            look = sights.look(choice)
            allowed = sights.allow(plan, choice)
            # an instrument that is missing today must not declare yesterday's scores outdated
            if allowed or choice.name not in seen:
                rows.append(_metric_row(run, choice, look))
            if not allowed:
                continue
            if isinstance(choice.metric, OutputMetric):
                rows.extend(_scores(run, plan, choice, look, outputs, known))
            else:
                rows.extend(_set_scores(run, plan, choice, sights, members, outputs, known))
    return rows


def _members(plan: SuitePlan, known: Known) -> dict[str, list[tuple[Prompt, str]]]:
    """Per planned variant, the prompt and the key of every job that was ever planned for it."""
    prompts = {prompt.id: prompt for prompt in plan.suite.prompts}
    planned = known.members(plan.digest)
    return {
        model.variant: [(prompts[name], key) for (name, _), key in planned[model.variant].items()]
        for model in plan.models
        if model.variant in planned
    }


def _scores(
    run: str,
    plan: SuitePlan,
    choice: MetricChoice,
    look: Look | None,
    outputs: Mapping[str, KnownOutput],
    known: Known,
) -> Iterable[Row]:
    assert isinstance(choice.metric, OutputMetric)
    asked = [(prompt, job.key) for model in plan.models for prompt, job in model.jobs]
    key = None if look is None else look.key
    subjects = {one.key: one for one in measured(choice, key, asked, outputs)}
    scoring = OutputScoring(run, recipe(choice, look), choice, choice.metric, known)
    return scoring.rows(list(subjects.values()))


def _set_scores(
    run: str,
    plan: SuitePlan,
    choice: MetricChoice,
    sights: Sights,
    members: Mapping[str, list[tuple[Prompt, str]]],
    outputs: Mapping[str, KnownOutput],
    known: Known,
) -> Iterable[Row]:
    metric, look = choice.metric, sights.look(choice)
    assert not isinstance(metric, OutputMetric)
    sets = SetScoring(
        run=run,
        suite=plan.digest,
        recipe=recipe(choice, look),
        choice=choice,
        metric=metric,
        look=look,
        reference=sights.references[plan.digest] if "reference" in metric.facts.needs else None,
        known=known,
        done=known.set_score_keys(plan.digest),
    )
    key = None if look is None else look.key
    for variant, asked in members.items():
        row = sets.row(variant, measured(choice, key, asked, outputs))
        if row is not None:
            yield row


def recipe(choice: MetricChoice, look: Look | None) -> str:
    """Digest of what decides a metric's numbers beside the outputs."""
    instrument: Json = None if look is None else look.recipe()
    return metric_recipe(choice.name, choice.metric.facts.version, instrument)


def _metric_row(run: str, choice: MetricChoice, look: Look | None) -> MetricRow:
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
        recipe=recipe(choice, look),
        counts=facts.counts,
        experimental=facts.experimental,
        verified=None if look is None else is_verified(look.instrument, look.resolution),
        signature=None if facts.signature is None else facts.signature(),
    )
