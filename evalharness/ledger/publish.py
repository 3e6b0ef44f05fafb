"""Publishing: a numbered copy of the closed ledger, and the file CURRENT that names it."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from evalharness.core.errors import StoreError
from evalharness.ledger.database import wal_of
from evalharness.ledger.durable import explained, staged_path, sync_folder, write_atomically
from evalharness.ledger.store import Store

_BOARD = re.compile(r"board-([0-9]{1,18})\.duckdb")


def current_number(store: Store) -> int:
    """The number of the newest published copy; 0 when nothing is published. Raises StoreError."""
    with explained("read", store.current):
        try:
            named = store.current.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return 0
    found = _BOARD.fullmatch(named)
    if not found:
        raise StoreError(
            f"{store.current} should name a published copy such as board-1.duckdb, but holds "
            f"{named[:80]!r}. `evalharness rebuild` writes it again."
        )
    return int(found[1])


def board_path(store: Store, number: int) -> Path:
    """Where the published copy `number` lies."""
    return store.root / f"board-{number}.duckdb"


def is_published(store: Store) -> bool:
    """Whether CURRENT names a copy of the ledger as it is, and nothing has the ledger open."""
    try:
        number = current_number(store)
    except StoreError:  # an unreadable CURRENT is replaced by the next publication
        return False
    board = board_path(store, number)
    return not wal_of(store.ledger).exists() and _is_copy(store.ledger, board)


def publish_copy(store: Store) -> Path:
    """Copy the closed ledger as the next board and make it the current one.

    Where the current board already is a copy of this very file, it is returned as it is.
    """
    wal = wal_of(store.ledger)
    if wal.exists():
        raise StoreError(
            f"{store.ledger} cannot be published: something still has it open ({wal.name} is "
            "there). Close whatever uses it; readers should use the published copies."
        )
    if is_published(store):
        return board_path(store, current_number(store))
    boards = _numbers(store)
    try:
        current = current_number(store)
    except StoreError:
        current = 0
    number = max([current, *boards]) + 1
    board = board_path(store, number)
    _copy(store, board)
    write_atomically(store.root, store.current, f"{board.name}\n".encode())
    for old in boards:
        if old < current:  # the previous one stays for whoever read CURRENT a moment ago
            with suppress(OSError):
                board_path(store, old).unlink()
    return board


def _numbers(store: Store) -> list[int]:
    found = (_BOARD.fullmatch(path.name) for path in store.root.iterdir())
    return sorted(int(match[1]) for match in found if match)


def _is_copy(ledger: Path, board: Path) -> bool:
    # A copy keeps its original's time, and DuckDB leaves a file alone that it only read.
    try:
        ours, theirs = ledger.stat(), board.stat()
    except FileNotFoundError:
        return False
    return (ours.st_mtime_ns, ours.st_size) == (theirs.st_mtime_ns, theirs.st_size)


def _copy(store: Store, board: Path) -> None:
    with explained("publish", board):
        staged = staged_path(store.root, ".duckdb")
        try:
            shutil.copyfile(store.ledger, staged)
            with staged.open("rb") as file:
                os.fsync(file.fileno())
            shutil.copystat(store.ledger, staged)
            staged.replace(board)
            sync_folder(store.root)
        finally:
            staged.unlink(missing_ok=True)
