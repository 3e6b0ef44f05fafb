"""One writer per store: a lock the operating system drops when its holder dies.

A run holds it to its end, and another run is turned away at once. Who holds it `briefly`, to
publish, says so in the file, and is waited for.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evalharness.core.errors import StoreBusyError
from evalharness.ledger.durable import explained

PATIENCE_S = 60.0
"""How long a brief holder is waited for: the largest stores are copied in seconds."""

_BRIEFLY = "briefly"
_LOOK_EVERY_S = 0.02

_held: set[int] = set()


def _forget_in_child() -> None:
    # A forked child shares the parent's lock; an orphan would keep the store locked for ever.
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)


@contextmanager
def locked(path: Path, *, briefly: bool = False) -> Iterator[None]:
    """Hold the lock file at `path`; it names this process, and whether it stays for long.

    Raises StoreBusyError naming the process that holds it, StoreError when it cannot be written.
    """
    with explained("write", path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    _held.add(descriptor)
    try:
        _acquire(descriptor, path)
        with explained("lock", path):
            holder = f"{os.getpid()} {_BRIEFLY}" if briefly else f"{os.getpid()}"
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{holder}\n".encode("ascii"), 0)
        yield
    finally:
        if descriptor in _held:
            _held.remove(descriptor)
            os.close(descriptor)


def named_holder(path: Path) -> int | None:
    """The process that the lock file at `path` names, whether it holds it still or not.

    None where there is no such file, or it names none. Nothing is locked to find out: somebody who
    wants it at this moment gets it.
    """
    try:
        pid, _, how = path.read_text("ascii").strip().partition(" ")
    except (OSError, UnicodeDecodeError):
        return None
    return int(pid) if pid.isdigit() and how != _BRIEFLY else None


def _acquire(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    looked = False
    while not _taken(descriptor):
        pid, _, how = _holder(descriptor).partition(" ")
        # Once more at any rate: between locking and writing, a holder's file names the last one.
        if time.monotonic() > deadline or (looked and how != _BRIEFLY):
            raise StoreBusyError(
                f"{path.parent} is being written by another run (PID {pid or 'unknown'}). "
                "Wait until it ends, stop it, or give this run its own folder with --store."
            )
        looked = True
        time.sleep(_LOOK_EVERY_S)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
