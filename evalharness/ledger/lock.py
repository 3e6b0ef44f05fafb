"""One writer per store: a lock the operating system drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evalharness.core.errors import StoreError
from evalharness.ledger.durable import explained

_held: set[int] = set()


def _forget_in_child() -> None:
    # A forked child shares the parent's lock; an orphan would keep the store locked for ever.
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; it names this process.

    Raises StoreError naming the process that holds it, or when it cannot be written.
    """
    with explained("write", path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    _held.add(descriptor)
    try:
        _acquire(descriptor, path)
        yield
    finally:
        if descriptor in _held:
            _held.remove(descriptor)
            os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise StoreError(
            f"{path.parent} is being written by another run (PID {holder}). "
            "Wait until it ends, stop it, or give this run its own folder with --store."
        ) from None
    with explained("lock", path):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
