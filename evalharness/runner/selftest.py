"""The self-test: do the instruments on this machine say what they are known to say?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from evalharness.catalog.golden import golden_of
from evalharness.catalog.instruments import instrument_names, load_instrument
from evalharness.catalog.verification import needs_verifying, remember
from evalharness.core.errors import HarnessError
from evalharness.core.keys import plain
from evalharness.core.nouns import Instrument
from evalharness.runner import clock
from evalharness.runner.child import Assignment
from evalharness.runner.engine import LocalEngine
from evalharness.runner.events import Broken, Checked, Died, Event
from evalharness.runner.look import Look, find_look
from evalharness.runner.provenance import versions
from evalharness.runner.verify import VerifyWork

DEADLINE_S = 1800.0


@dataclass(slots=True)
class Verdict:
    """How one instrument did: what was tried of it, or why nothing could be."""

    instrument: Instrument
    checks: list[Checked] = field(default_factory=list)
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether it was tried and nothing failed."""
        return not self.problem and bool(self.checks) and all(c.passed for c in self.checks)

    @property
    def verified(self) -> bool:
        """Whether published weights passed, with numbers among their golden values.

        That every picture is nearest to its own text shows that a network works, not that its
        preprocessing is the published one.
        """
        numbers = any(not golden.matches for golden in golden_of(self.instrument.name))
        return self.passed and needs_verifying(self.instrument) and numbers


def chosen_instruments(names: Iterable[str], *, weights: bool) -> list[Instrument]:
    """Those named; else all whose weights are in the package, or all published ones."""
    named = [load_instrument(name) for name in names]
    known = [load_instrument(name) for name in instrument_names()]
    return named or [i for i in known if needs_verifying(i) == weights]


def selftest(instruments: Iterable[Instrument], tell: Callable[[Verdict], None]) -> list[Verdict]:
    """Try every instrument in a child of its own; record published weights that pass.

    `tell` hears of each verdict as soon as it is known.
    """
    verdicts: dict[str, Verdict] = {}
    looks: dict[str, Look] = {}
    for instrument in instruments:
        verdicts[instrument.name] = verdict = Verdict(instrument)
        try:
            looks[instrument.name] = find_look(instrument)
        except HarnessError as error:
            verdict.problem = str(error)
            tell(verdict)

    def handle(assignment: Assignment, event: Event) -> None:
        verdict = verdicts[assignment.title]
        if isinstance(event, Checked):
            verdict.checks.append(event)
        elif isinstance(event, Broken | Died):
            verdict.problem = event.reason

    with tempfile.TemporaryDirectory() as folder:
        for name, look in looks.items():  # one after the other: memory for the largest suffices
            work = _assignment(name, look, Path(folder))
            LocalEngine(look.entry.imports).run([work], handle, lambda: None)
            _conclude(verdicts[name], look)
            tell(verdicts[name])
    return list(verdicts.values())


def _assignment(name: str, look: Look, folder: Path) -> Assignment:
    return Assignment(
        title=name,
        function="evalharness.runner.verify:verify",
        payload=VerifyWork(look, golden_of(name)),
        log=folder / f"{len(list(folder.iterdir()))}.log",
        deadline_s=DEADLINE_S,
    )


def _conclude(verdict: Verdict, look: Look) -> None:
    if not verdict.verified:
        return
    facts = {
        "at": clock.now().isoformat(timespec="seconds"),
        "checks": {check.what: check.found for check in verdict.checks},
        "versions": plain(versions()),
    }
    remember(verdict.instrument, look.resolution, facts)
