"""Files that appear whole or not at all: staged beside their place, fsynced, renamed."""

from __future__ import annotations

import errno
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evalharness.core.errors import StoreError

STAGING = ".staging"
"""Where unfinished files lie inside a tree: on the same file system as their destination."""

ABANDONED_AFTER_S = 3600.0
"""Nobody stages anything for an hour; what is older was left by a process that was killed."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def explained(doing: str, path: Path) -> Iterator[None]:
    """Turn an OSError inside the block into a StoreError that says what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            raise disk_full(doing, path, reason) from error
        raise StoreError(
            f"Cannot {doing} {path}: {reason}. A store needs a folder this user can write to; "
            "choose another with --store or change its permissions."
        ) from error


def disk_full(doing: str, path: Path, reason: str) -> StoreError:
    """The error for a write that found no room."""
    return StoreError(
        f"Disk full: could not {doing} {path} ({reason}). Nothing half-written was kept and "
        "nothing stored before is lost; free some space and run the same command again."
    )


def staged_path(tree: Path, suffix: str = "") -> Path:
    """A fresh path in `tree`'s staging folder, which is made when missing."""
    folder = tree / STAGING
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{uuid.uuid4().hex}{suffix}"


def write_synced(path: Path, data: bytes | memoryview) -> None:
    """Write `data` to `path` and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(tree: Path, target: Path, data: bytes, *, sync: bool = True) -> None:
    """Put `data` at `target` (inside `tree`) by a rename, so that no reader sees half of it.

    `sync=False` is for what can be made again, such as thumbnails. Raises StoreError.
    """
    with explained("write", target):
        staged = staged_path(tree, target.suffix)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if sync:
                write_synced(staged, data)
            else:
                staged.write_bytes(data)
            staged.replace(target)
        finally:
            staged.unlink(missing_ok=True)


def sweep(tree: Path) -> None:
    """Remove what killed processes left in `tree`'s staging folder."""
    oldest = time.time() - ABANDONED_AFTER_S
    for left in (tree / STAGING).glob("*"):
        try:
            if left.stat().st_mtime >= oldest:
                continue
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()
        except FileNotFoundError:  # its writer finished meanwhile, or another sweeper was faster
            continue
