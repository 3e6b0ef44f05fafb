"""The extract stage in the parent: one child per instrument that has something to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalharness.ledger.known_outputs import KnownOutput
from evalharness.runner.child import Assignment
from evalharness.runner.events import Broken, Died, Event
from evalharness.runner.extract import ExtractWork
from evalharness.runner.looking import Sights, Wanted, missing_looks, told
from evalharness.runner.plan import SuitePlan
from evalharness.runner.progress import Stage
from evalharness.runner.session import Session


def extract_missing(
    session: Session,
    plans: Sequence[SuitePlan],
    sights: Sights,
    outputs: Mapping[str, KnownOutput],
) -> int:
    """Look at whatever no stored feature exists of; how many subjects were seen."""
    known = session.known()
    missing = missing_looks(plans, sights, outputs, known)
    known.close()
    return look_at(session, missing)


def look_at(session: Session, missing: Sequence[Wanted]) -> int:
    """Look at all of it, a child for each instrument; how many subjects were seen."""
    if not missing:
        return 0
    wanted = {want.look.instrument.name: want for want in missing}
    stages = {name: Stage(f"look: {name}", len(want)) for name, want in wanted.items()}
    session.display.say(f"Looking: {told(missing)}")

    def handle(assignment: Assignment, event: Event) -> None:
        session.follow(stages[assignment.title], event)
        if isinstance(event, Broken | Died):
            session.problems[assignment.title] = event.reason

    session.run_children(
        [_assignment(session, name, want) for name, want in wanted.items()],
        [module for want in wanted.values() for module in want.look.entry.imports],
        handle,
    )
    return sum(stage.done for stage in stages.values())


def _assignment(session: Session, name: str, want: Wanted) -> Assignment:
    work = ExtractWork(
        store=session.store.root,
        run=session.run,
        look=want.look,
        pictures=want.pictures,
        texts=want.texts,
        pairs=want.pairs,
        exchanges=want.exchanges,
        changes=want.changes,
        references=tuple(want.references.values()),
    )
    return Assignment(
        title=name,
        function="evalharness.runner.extract:extract",
        payload=work,
        log=session.log(f"look {name}"),
        deadline_s=session.deadline_s,
        remote=want.look.entry.remote,
    )
