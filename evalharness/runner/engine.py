"""The local engine: one child process per assignment, as many at once as there are devices.

What asks other machines takes no device, and runs beside those that do.

A crash, a hang or an out-of-memory kill takes one child, never the run, and its exit really
frees the GPU. Children come from a forkserver with the heavy imports preloaded; the parent
never imports torch.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, TypeAlias

from evalharness.core.outcomes import Status
from evalharness.runner import child
from evalharness.runner.child import Assignment
from evalharness.runner.devices import slots
from evalharness.runner.events import Broken, Died, Event, Finished, Loaded

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

LOAD_DEADLINE_S = 4 * 3600.0
"""How long a child may load (and download) before it is taken for hung."""

REMOTE = "remote"
"""The place of a child that needs no device."""

MOST_REMOTE = 8
"""Children at once that only ask other machines."""

Handle: TypeAlias = Callable[[Assignment, Event], Assignment | None]


@dataclass(slots=True)
class _Child:
    assignment: Assignment
    slot: str
    process: BaseProcess
    connection: Connection
    last_heard: float
    loaded: bool = False
    closed: bool = False

    def deadline(self) -> float:
        return self.last_heard + (self.assignment.deadline_s if self.loaded else LOAD_DEADLINE_S)


class LocalEngine:
    """Runs assignments in children; `preload` names the modules every child will need."""

    def __init__(self, preload: Sequence[str] = ()) -> None:
        # importing diffusers asks torch whether CUDA is there; asked the usual way this creates
        # a context in the forkserver, after which no forked child can use the GPU
        os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
        methods = multiprocessing.get_all_start_methods()
        self._context: ForkServerContext | SpawnContext = (
            multiprocessing.get_context("forkserver")
            if "forkserver" in methods
            else multiprocessing.get_context("spawn")
        )
        self._context.set_forkserver_preload(list(preload))
        self._free = deque(slots())
        self._children: list[_Child] = []

    def run(
        self, assignments: Iterable[Assignment], handle: Handle, tick: Callable[[], None]
    ) -> None:
        """Run every assignment; `handle` hears each event and may answer with a follow-up.

        `tick` is called a few times a second. Whatever is raised by either ends all children.
        """
        waiting = deque(assignments)
        try:
            while waiting or self._children:
                while (able := self._startable(waiting)) is not None:
                    waiting.remove(able)
                    self._start(able)
                for running, event in self._listen(timeout=0.2):
                    follow_up = handle(running.assignment, event)
                    if follow_up is not None:
                        waiting.appendleft(follow_up)
                tick()
        finally:
            self._end_all()

    def _startable(self, waiting: Iterable[Assignment]) -> Assignment | None:
        """The first that there is a place for."""
        asking = sum(running.slot == REMOTE for running in self._children)
        return next(
            (a for a in waiting if (asking < MOST_REMOTE if a.remote else self._free)), None
        )

    def _start(self, assignment: Assignment) -> None:
        slot = REMOTE if assignment.remote else self._free.popleft()
        ours, theirs = self._context.Pipe(duplex=True)
        # the forkserver keeps the environment of its start, which may be before a key was set
        environment = {**os.environ, **assignment.environment, **_environment_of(slot)}
        with _without_main():
            process = self._context.Process(
                target=child.main,
                args=(theirs, replace(assignment, environment=environment)),
                daemon=True,
            )
            process.start()
        theirs.close()
        self._children.append(_Child(assignment, slot, process, ours, time.monotonic()))

    def _listen(self, timeout: float) -> Iterator[tuple[_Child, Event]]:
        ready = wait([c.connection for c in self._children], timeout)
        for running in list(self._children):
            if running.connection in ready:
                yield running, self._receive(running)
            elif time.monotonic() > running.deadline():
                running.process.kill()
                yield running, self._bury(running, "no answer before the deadline", Status.TIMEOUT)

    def _receive(self, running: _Child) -> Event:
        try:
            event: Event = running.connection.recv()
        except (EOFError, OSError):
            return self._bury(running, "", Status.FAILED)
        running.last_heard = time.monotonic()
        running.loaded = running.loaded or isinstance(event, Loaded)
        if isinstance(event, Finished | Broken | Died):
            self._release(running)
        return event

    def _bury(self, running: _Child, reason: str, status: Status) -> Died:
        self._release(running)
        code = running.process.exitcode
        if reason:
            return Died(reason, status)
        if code == -signal.SIGKILL:
            return Died("killed by the system, most likely out of memory", Status.OOM)
        return Died(f"its process ended with exit code {code}", status)

    def _release(self, running: _Child) -> None:
        running.process.join(timeout=30)
        if running.process.is_alive():
            running.process.kill()
            running.process.join()
        running.connection.close()
        self._children.remove(running)
        if running.slot != REMOTE:
            self._free.append(running.slot)

    def _end_all(self) -> None:
        for running in list(self._children):
            running.process.kill()
            self._release(running)


def _environment_of(slot: str) -> dict[str, str]:
    kind, _, index = slot.partition(":")
    if slot == REMOTE:
        return {"CUDA_VISIBLE_DEVICES": ""}
    return {"CUDA_VISIBLE_DEVICES": index} if kind == "cuda" else {}


@contextmanager
def _without_main() -> Iterator[None]:
    """Start children without re-importing the user's script, which may lack a main guard."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
