"""The generate stage in the parent: one child per model, and what a death means for its jobs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from evalharness.catalog import registry
from evalharness.core.nouns import Model
from evalharness.core.outcomes import Answer, Status
from evalharness.runner import clock
from evalharness.runner.child import Assignment
from evalharness.runner.devices import slots
from evalharness.runner.events import Answered, Broken, Died, Event, Loaded, Stored
from evalharness.runner.generate import GenerateWork
from evalharness.runner.looking import Sights
from evalharness.runner.plan import ModelPlan, PlacedJob, unique_missing
from evalharness.runner.progress import Stage
from evalharness.runner.session import Session
from evalharness.runner.storing import attempt_row

MAX_DEATHS = 3
"""After so many deaths in a row without a stored answer a model is given up for this run."""


def generate_missing(
    session: Session, models: Iterable[ModelPlan], sights: Sights
) -> Counter[Status]:
    """Answer all missing jobs; the statuses of what was answered, counted.

    What the instruments import is preloaded too: new outputs will be looked at, by children of
    the same forkserver, which imports only once.
    """
    works = _works(session, models)
    if not works:
        return Counter()
    watches = {
        f"{work.model.name} ({n})": Watch(session, name, work)
        for n, (name, work) in enumerate(_named(works), 1)
    }
    imports = [name for work in works for name in registry.backend(work.model.backend).imports]
    imports += [name for look in sights.looks.values() for name in look.entry.imports]
    session.display.say(f"Generating: {sum(len(w.jobs) for w in works)} outputs")
    session.run_children(
        [watch.assignment(title) for title, watch in watches.items()],
        imports,
        lambda assignment, event: watches[assignment.title].handle(assignment.title, event),
    )
    return sum((watch.stage.statuses for watch in watches.values()), Counter())


def _works(session: Session, models: Iterable[ModelPlan]) -> list[GenerateWork]:
    """One piece of work per model variant, whatever suites ask for it; more if GPUs are left."""
    grouped: dict[str, list[ModelPlan]] = {}
    for plan in models:
        grouped.setdefault(plan.variant, []).append(plan)
    variants = [
        (plans[0], missing) for plans in grouped.values() if (missing := unique_missing(plans))
    ]
    local = sum(not _is_remote(plan.model) for plan, _ in variants)
    replicas = max(1, len(slots()) // max(1, local))
    return [
        GenerateWork(session.store.root, session.run, plan.model, plan.resolution, share)
        for plan, missing in variants
        for share in shares(missing, 1 if _is_remote(plan.model) else replicas)
    ]


def _is_remote(model: Model) -> bool:
    return registry.backend(model.backend).remote


def _named(works: Sequence[GenerateWork]) -> Iterable[tuple[str, GenerateWork]]:
    """Works with what a person reads: the model, and which of several replicas it is."""
    totals = Counter(work.model.name for work in works)
    seen: Counter[str] = Counter()
    for work in works:
        name = work.model.name
        seen[name] += 1
        yield (name if totals[name] == 1 else f"{name} [{seen[name]}/{totals[name]}]"), work


def shares(jobs: Sequence[PlacedJob], replicas: int) -> list[tuple[PlacedJob, ...]]:
    """The jobs in at most `replicas` runs of nearly equal length, none empty."""
    size = math.ceil(len(jobs) / replicas)
    return [tuple(jobs[start : start + size]) for start in range(0, len(jobs), size)]


class Watch:
    """Watches one model's children: which jobs are open, and how often one died."""

    def __init__(self, session: Session, name: str, work: GenerateWork) -> None:
        self.stage = Stage(name, len(work.jobs))
        self._session = session
        self._work = work
        self._open: dict[str, PlacedJob] = {placed.job.key: placed for placed in work.jobs}
        self._answered: set[str] = set()
        self._loaded = False
        self._deaths = 0

    def assignment(self, title: str) -> Assignment:
        """A child for the jobs that are open now."""
        return Assignment(
            title=title,
            function="evalharness.runner.generate:generate",
            payload=replace(self._work, jobs=tuple(self._open.values())),
            log=self._session.log(title),
            deadline_s=self._session.deadline_s,
            remote=_is_remote(self._work.model),
        )

    def handle(self, title: str, event: Event) -> Assignment | None:
        """Keep count; a child that died is replaced by one for the jobs it left open."""
        if isinstance(event, Loaded):
            self._loaded = True
        elif isinstance(event, Answered):
            self._answered.add(event.key)
        elif isinstance(event, Stored):
            self._deaths = 0
            for key in event.keys:
                self._open.pop(key, None)
        self._session.follow(self.stage, event)
        if isinstance(event, Broken):
            self._give_up(event.reason)
        elif isinstance(event, Died):
            return self._replace(title, event)
        return None

    def _replace(self, title: str, death: Died) -> Assignment | None:
        if not self._loaded:
            log = self._session.log(title)
            self._give_up(f"it could not be loaded: {death.reason} (log: {log})")
            return None
        self._loaded = False
        self._deaths += 1
        self._session.display.say(f"{self.stage.name}: {death.reason}")
        self._blame(death)
        if self._deaths >= MAX_DEATHS:
            self._give_up(f"its process died {MAX_DEATHS} times in a row: {death.reason}")
            return None
        return self.assignment(title) if self._open else None

    def _blame(self, death: Died) -> None:
        """Record the death on the job the child was at: the first it had not answered.

        Jobs answered but not stored yet stay open: they are done again, and are not to blame.
        """
        key = next((key for key in self._open if key not in self._answered), None)
        self._answered.clear()
        if key is None:
            return
        placed = self._open.pop(key)
        answer = Answer(job_key=key, status=death.status, reason=death.reason)
        row = attempt_row(self._session.run, clock.now(), placed.place, answer)
        self._session.journal.write([row])
        self.stage.add((death.status,))

    def _give_up(self, reason: str) -> None:
        self._session.problems[self._work.model.name] = reason
