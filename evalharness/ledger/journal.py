"""Writing parts: the record of everything, made before anything else knows of it."""

from __future__ import annotations

import re
import shutil
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from evalharness.core.errors import StoreError
from evalharness.ledger.durable import explained, staged_path, sync_folder, write_synced
from evalharness.ledger.encode import arrow_table, parquet_bytes
from evalharness.ledger.parts import DAMAGED, MANIFEST, manifest
from evalharness.ledger.rows import Row
from evalharness.ledger.store import Store

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Journal:
    """The parts of one run. Any number of processes may write to one run at once."""

    def __init__(self, store: Store, run: str) -> None:
        if not _RUN.fullmatch(run) or run == DAMAGED:
            raise StoreError(
                f"A run cannot be named {run!r}: expected letters, digits, '.', '_' and '-', "
                f"at most 100, beginning with a letter or digit, and not {DAMAGED!r}."
            )
        self._store = store
        self._folder = store.journal / run

    def write(self, rows: Iterable[Row]) -> Path | None:
        """Write `rows` of any tables as one part, visible and durable when this returns.

        Returns the part's folder, or None for no rows. Raises StoreError when the disk is full or
        the store cannot be written (then nothing of it is visible), ValueError for a row that
        breaks its own type.
        """
        by_type: dict[type[Row], list[Row]] = defaultdict(list)
        for row in rows:
            by_type[type(row)].append(row)
        if not by_type:
            return None
        files = {
            row_type.table: (len(of_type), parquet_bytes(arrow_table(row_type, of_type)))
            for row_type, of_type in by_type.items()
        }
        return self._place(files)

    def _place(self, files: dict[str, tuple[int, memoryview]]) -> Path:
        target = self._folder / _part_name()
        with explained("write", target):
            staged = staged_path(self._store.journal)
            try:
                staged.mkdir()
                for table, (_, data) in files.items():
                    write_synced(staged / f"{table}.parquet", data)
                write_synced(staged / MANIFEST, memoryview(manifest(files)))
                sync_folder(staged)
                if not self._folder.exists():
                    self._folder.mkdir(exist_ok=True)
                    sync_folder(self._store.journal)
                staged.rename(target)
                sync_folder(self._folder)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
        return target


def _part_name() -> str:
    """A name no other process takes, sorted by time for whoever reads the folder."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{uuid.uuid4().hex[:12]}"
