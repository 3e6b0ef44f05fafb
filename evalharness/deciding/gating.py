"""A gate from question to verdict: check what measures, make a fresh take, judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalharness.board.gate.epsilon import check_epsilons
from evalharness.board.gate.gating import gate
from evalharness.board.gate.made import made_by_run
from evalharness.board.gate.mismatch import check_asked, check_measured
from evalharness.board.gate.pairs import Pair
from evalharness.board.gate.taking import read_take
from evalharness.board.gate.verdict import Gate
from evalharness.board.gate.worst import with_pictures
from evalharness.board.sheets import to_json
from evalharness.board.suites import find_suite
from evalharness.catalog.models import load_models
from evalharness.catalog.suites import load_suite, suite_file
from evalharness.core.baseline import AskedPrompt, Baseline, MeasuredBy, ModelTake
from evalharness.core.errors import BadInputError, StoreBusyError
from evalharness.core.keys import prompt_digest, suite_digest
from evalharness.core.nouns import Settings, Suite
from evalharness.core.outcomes import TERMINAL
from evalharness.deciding.baselines import find_baseline
from evalharness.deciding.interleaving import in_turns, timed_metrics
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect
from evalharness.ledger.rows import GateRow, JsonText
from evalharness.ledger.store import Store
from evalharness.runner import clock
from evalharness.runner.asked import Asked
from evalharness.runner.measured_by import measured_by
from evalharness.runner.plan import Choices
from evalharness.runner.publishing import Publisher
from evalharness.runner.reporting import say, say_report
from evalharness.runner.run import RunReport, run_asked
from evalharness.runner.session import DEADLINE_S

MOST_FAILED = 0.1
"""Share of a model's outputs that may fail before its take says nothing."""


@dataclass(frozen=True, slots=True)
class GateQuestion:
    """What is asked of a gate; `against` is a baseline's file or a run of the store.

    Without `models`, those of the baseline are asked again. In `rounds` turns its own and these
    are run, so that what the machine decides can be judged, too. Programs that models wrote are
    run only with `allow_code_execution`.
    """

    suite: str
    against: str
    models: tuple[str, ...] = ()
    settings: Settings = field(default_factory=dict)
    epsilons: Mapping[str, float] = field(default_factory=dict)
    rounds: int = 0
    allow_code_execution: bool = False


def run_gate(asked: GateQuestion, store: Path, deadline_s: float = DEADLINE_S) -> Gate:
    """Make a fresh take of what the baseline was asked, and judge it.

    Raises BadInputError where the baseline cannot be compared with, before anything is generated;
    MissingWeightsError where what measures is not there.
    """
    baseline = find_baseline(asked.against, asked.suite, store)
    suite = load_suite(asked.suite)
    metrics = tuple(metric.metric for metric in baseline.metrics)
    check_asked(baseline, suite.name, suite.version, suite_digest(suite), _prompts(suite))
    check_epsilons(asked.epsilons, metrics)
    by = measured_by(
        replace(suite, metrics=metrics),
        suite_file(asked.suite).parent,
        executing=asked.allow_code_execution,
    )
    check_measured(baseline, by)
    if asked.rounds:
        timed_metrics(baseline)
    question = _question(asked, suite, baseline)
    report = run_asked("gate", store, question, deadline_s=deadline_s)
    say_report(report)
    models = [model.name for [whole] in [question.questions()] for model in whole.models]
    unusable = [name for name in models if name in report.problems]
    timed = in_turns(
        baseline,
        question,
        [m for m in models if m not in unusable],
        asked.rounds,
        deadline_s,
    )
    found = _judge(asked, baseline, by, report, models, timed, store)
    _record(found, Store.open(store))
    return found


def _record(found: Gate, store: Store) -> None:
    """Keep the verdict beside what it judges; where another run has the store it publishes it."""
    row = GateRow(
        run=found.run,
        made_at=clock.now(),
        suite=found.suite_digest,
        against=found.against,
        outcome=found.outcome,
        gate=JsonText(to_json(found)),
    )
    Journal(store, found.run).write([row])
    with suppress(StoreBusyError), store.publishing():
        Publisher(store, say).now()


def _prompts(suite: Suite) -> list[AskedPrompt]:
    return [AskedPrompt(prompt.id, prompt_digest(prompt)) for prompt in suite.prompts]


def _question(asked: GateQuestion, suite: Suite, baseline: Baseline) -> Asked:
    """What the baseline was asked, asked again: its prompts, seeds and metrics."""
    known = [take.model for take in baseline.models]
    named = {model.name for model in load_models(asked.models)}
    if strange := sorted(named - set(known)):
        raise BadInputError(
            f"The baseline has no model named {', '.join(strange)}; it has {', '.join(known)}. A "
            "candidate is judged by the baseline of its own name: give it that name in its file, "
            "or save a baseline of it."
        )
    own = {model.name for model in load_models(suite.models, suite_file(asked.suite).parent)}
    in_suite = set(known) <= own
    return Asked(
        suites=(asked.suite,),
        models=asked.models or (() if in_suite else tuple(known)),
        only=() if asked.models or not in_suite else tuple(known),
        metrics=tuple(metric.metric for metric in baseline.metrics),
        seeds=baseline.seeds,
        choices=Choices(
            overrides=asked.settings,
            limit=len(baseline.prompts),
            fresh=True,
            allow_code_execution=asked.allow_code_execution,
        ),
    )


def _judge(
    asked: GateQuestion,
    baseline: Baseline,
    by: MeasuredBy,
    report: RunReport,
    models: Sequence[str],
    timed: Sequence[Pair],
    store: Path,
) -> Gate:
    connection = connect(Store.open(store))
    try:
        fresh = replace(baseline, models=())
        if report.generated:
            entry = find_suite(connection, baseline.suite_digest)
            fresh = read_take(connection, entry, made_by_run(connection, entry, report.run), by)
        found = gate(
            baseline,
            fresh,
            against=Path(asked.against).name,
            run=report.run,
            models=models,
            epsilons=asked.epsilons,
            problems=_problems(report, models, fresh, len(baseline.prompts) * len(baseline.seeds)),
            timed=timed,
        )
        return with_pictures(found, connection, baseline, fresh)
    finally:
        connection.close()


def _problems(
    report: RunReport, models: Sequence[str], fresh: Baseline, asked: int
) -> dict[str, str]:
    """By model, why its take of the outputs `asked` for says nothing about it; what measures
    concerns all of them.
    """
    takes = {take.model: take for take in fresh.models}
    found = {name: report.problems[name] for name in models if name in report.problems}
    others = {name: why for name, why in report.problems.items() if name not in models}
    for name in models:
        why = _unusable(takes.get(name), asked)
        if others:
            why = "; ".join(f"{what}: {told}" for what, told in others.items())
        if why and name not in found:
            found[name] = why
    return found


def _unusable(take: ModelTake | None, asked: int) -> str:
    if take is None:
        return "it made no outputs; its log is in the store's folder logs"
    ended = sum(count for status, count in take.statuses.items() if status in TERMINAL)
    if asked - ended > MOST_FAILED * asked:
        told = ", ".join(f"{count} {status}" for status, count in take.statuses.items())
        return f"only {ended} of {asked} outputs were made ({told})"
    return ""
