"""A run while it lasts: its lock on the store, its journal, its children, its record."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from evalharness.core.errors import StoreError
from evalharness.core.nouns import Json
from evalharness.ledger.journal import Journal
from evalharness.ledger.store import Store
from evalharness.runner import clock
from evalharness.runner.child import Assignment
from evalharness.runner.engine import Handle, LocalEngine
from evalharness.runner.events import Broken, Event, Loaded, Stored
from evalharness.runner.known import Known
from evalharness.runner.progress import Display, Stage
from evalharness.runner.publishing import Publisher
from evalharness.runner.record import RunRecord

DEADLINE_S = 1800.0
"""How long a loaded child may be silent (one batch) before it is killed and replaced."""


class Session:
    """One run on one store, which it alone writes to while the `with` block lasts.

    `problems` collect what could not be done at all (a model, an instrument) and why.
    """

    def __init__(
        self,
        store: Store,
        display: Display,
        command: str,
        arguments: dict[str, Json],
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self.run = f"{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        self.command = command
        self.store = store
        self.display = display
        self.deadline_s = deadline_s
        self.journal = Journal(store, self.run)
        self.publisher = Publisher(store, display.say)
        self.problems: dict[str, str] = {}
        self.resolved: dict[str, Json] = {}
        self._record = RunRecord(self.run, command, arguments)
        self._lock = store.writing()

    def __enter__(self) -> Self:
        self._lock.__enter__()
        try:
            self.publisher.now()
        except BaseException:
            self._lock.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            # a full disk refuses this row too; the first error is the one to show
            if not isinstance(error, StoreError):
                status = "finished" if error is None else "interrupted"
                row = self._record.row(status, self.resolved, clock.now())
                self.journal.write([row])
                self.publisher.now()
        finally:
            self._lock.__exit__(kind, error, trace)

    def record_start(self) -> None:
        """Write the run's row, so that a killed run is on record too."""
        self.journal.write([self._record.row("running", self.resolved, None)])

    def known(self) -> Known:
        """What the newest published copy says."""
        return Known(self.store)

    def log(self, title: str) -> Path:
        """Where a child's own output goes."""
        return self.store.root / "logs" / self.run / (title.replace("/", "_") + ".log")

    def run_children(
        self, assignments: Sequence[Assignment], imports: Sequence[str], handle: Handle
    ) -> None:
        """Run children to their end, publishing now and then.

        Raises StoreError as soon as one of them cannot write any more.
        """

        def listen(assignment: Assignment, event: Event) -> Assignment | None:
            if isinstance(event, Broken) and event.fatal:
                raise StoreError(event.reason)
            return handle(assignment, event)

        engine = LocalEngine(sorted(set(imports)))
        engine.run(assignments, listen, self.publisher.tick)

    def follow(self, stage: Stage, event: Event) -> None:
        """Move a stage's progress by one event."""
        if isinstance(event, Loaded):
            stage.ready()
        elif isinstance(event, Stored):
            stage.add(event.statuses)
        self.display.show(stage)
