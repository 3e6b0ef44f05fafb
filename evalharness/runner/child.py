"""The first lines that run in a child process, and its promise to end with its parent."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from evalharness.catalog import registry
from evalharness.core.errors import HarnessError, StoreError
from evalharness.core.outcomes import Status
from evalharness.runner.events import Broken, Died, Event, Finished


@dataclass(frozen=True, slots=True)
class Assignment:
    """One child's work: `function` (`"module:attribute"`) is called with `(payload, send)`.

    `deadline_s` is how long the child may be silent once loaded before it is taken for hung. A
    `remote` one only asks other machines, and gets no device.
    """

    title: str
    function: str
    payload: object
    log: Path
    deadline_s: float
    environment: dict[str, str] = field(default_factory=dict)
    remote: bool = False


def main(connection: Connection, assignment: Assignment) -> None:
    """Run an assignment, telling the parent of everything, and end when the parent does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(assignment.environment)
    _write_to(assignment.log)
    threading.Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
    lock = threading.Lock()

    def send(event: Event) -> None:
        with lock:
            try:
                connection.send(event)
            except OSError:
                os._exit(1)

    try:
        registry.load(assignment.function)(assignment.payload, send)
    except HarnessError as error:
        traceback.print_exc()
        send(Broken(str(error), fatal=isinstance(error, StoreError)))
    except Exception as error:
        # a device that broke, or a bug met by one job: another child may do the rest
        traceback.print_exc()
        send(Died(f"{type(error).__name__}: {error} (log: {assignment.log})", Status.FAILED))
    else:
        send(Finished())


def _write_to(log: Path) -> None:
    """Send what libraries print to a log: the terminal belongs to the parent."""
    log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    print(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} pid {os.getpid()}", flush=True)


def _end_with_parent(connection: Connection) -> None:
    """Block until the parent's end closes, whatever killed it, then leave at once.

    Everything stored is durable already, so leaving in the middle of a batch loses only it.
    """
    try:
        connection.recv()
    except (EOFError, OSError):
        os._exit(1)
