"""One run from plan to published scores: the short way a prompt walks."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalharness.core.nouns import Json
from evalharness.core.outcomes import Status
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.extraction import extract_missing
from evalharness.runner.generation import generate_missing
from evalharness.runner.looking import find_sights
from evalharness.runner.measure import measure
from evalharness.runner.plan import SuitePlan
from evalharness.runner.progress import display
from evalharness.runner.record import picture_rows, plan_rows
from evalharness.runner.session import DEADLINE_S, Session


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. `problems` name what could not be done at all, and why."""

    run: str
    statuses: Mapping[Status, int]
    features: int
    scores: int
    seconds: float
    problems: Mapping[str, str]

    @property
    def generated(self) -> int:
        """How many jobs were answered, well or badly."""
        return sum(self.statuses.values())


def run_asked(
    command: str,
    store: Path,
    asked: Asked,
    *,
    generating: bool = True,
    deadline_s: float = DEADLINE_S,
) -> RunReport:
    """Plan what is asked on a store (made if need be) and carry it out, showing progress."""
    arguments = {**asked.as_json(), "store": str(store), "generating": generating}
    questions = asked.questions()
    opened = Store.create(store)
    with display() as shown, Session(opened, shown, command, arguments, deadline_s) as session:
        known = session.known()
        plans = [question.plan(known, generating=generating) for question in questions]
        known.close()
        executing = asked.choices.allow_code_execution
        return execute(session, plans, generating=generating, executing=executing)


def execute(
    session: Session,
    plans: Sequence[SuitePlan],
    *,
    generating: bool = True,
    executing: bool = False,
) -> RunReport:
    """Generate what is missing (unless told not to), look at it, measure it, publish it.

    Programs that models wrote are run only if `executing`.
    """
    started = time.monotonic()
    for plan in plans:
        session.problems.update(plan.unusable)
    session.resolved = _resolved(plans, generating)
    session.record_start()
    known = session.known()
    claiming = session.command != "gate"  # which judges models and does not put them up
    session.journal.write(plan_rows(session.run, plans, known, claiming=claiming))
    session.journal.write(picture_rows(session.run, plans, session.store, known))
    known.close()
    sights = find_sights(plans, executing=executing)
    session.problems.update(sights.problems)
    statuses: Counter[Status] = Counter()
    if generating:
        models = [model for plan in plans for model in plan.models]
        statuses = generate_missing(session, models, sights)
    session.publisher.now()
    known = session.known()
    outputs = known.finished_outputs([key for plan in plans for key in plan.job_keys()])
    known.close()
    features = extract_missing(session, plans, sights, outputs)
    session.publisher.now()
    known = session.known()
    rows = measure(session.run, plans, sights, known, outputs)
    known.close()
    session.journal.write(rows)
    return RunReport(
        run=session.run,
        statuses=statuses,
        features=features,
        scores=sum(row.table in {"scores", "set_scores"} for row in rows),
        seconds=time.monotonic() - started,
        problems=dict(session.problems),
    )


def _resolved(plans: Sequence[SuitePlan], generating: bool) -> dict[str, Json]:
    return {
        plan.suite.name: {
            model.model.name: {
                "revision": model.resolution.revision,
                "settings": dict(model.settings),
                "variant": model.variant,
                "jobs": len(model.jobs),
                "missing": len(model.missing) if generating else None,
            }
            for model in plan.models
        }
        for plan in plans
    }
