"""A store: the folder that holds everything runs have made, and where its parts lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evalharness.core.errors import StoreError
from evalharness.ledger import schema
from evalharness.ledger.durable import explained, staged_path, sweep, write_atomically
from evalharness.ledger.lock import locked, named_holder

FORMAT = 1
"""The layout of the folder; bumped when files move or change their meaning."""

MARKER = "evalharness-store.json"


@dataclass(frozen=True, slots=True)
class Store:
    """Paths of one store. Make it by `create` (to write) or `open` (to read)."""

    root: Path

    @property
    def journal(self) -> Path:
        """Every row ever written, as Parquet parts."""
        return self.root / "journal"

    @property
    def artifacts(self) -> Path:
        """Stored bytes under their sha256."""
        return self.root / "artifacts"

    @property
    def thumbs(self) -> Path:
        """Small WebP pictures, one for every stored picture."""
        return self.root / "thumbs"

    @property
    def ledger(self) -> Path:
        """The DuckDB file of all ingested parts; only an Ingester opens it."""
        return self.root / "ledger.duckdb"

    @property
    def current(self) -> Path:
        """The file that names the newest published copy."""
        return self.root / "CURRENT"

    @property
    def trees(self) -> tuple[Path, ...]:
        """The folders in which files are staged."""
        return (self.root, self.journal, self.artifacts, self.thumbs)

    @classmethod
    def create(cls, path: str | Path) -> Store:
        """Make a store at `path`, or open the one there, for writing.

        Raises StoreError when it cannot be written, was made by a newer evalharness, or has a
        path with '?' (DuckDB would misplace its log).
        """
        store = cls(Path(path).expanduser().absolute())
        if "?" in str(store.root):
            raise StoreError(
                f"A store cannot lie in {store.root}: DuckDB takes what follows '?' for options. "
                "Choose a folder without it with --store."
            )
        with explained("create the store", store.root):
            store.root.mkdir(parents=True, exist_ok=True)
            for tree in store.trees:
                tree.mkdir(exist_ok=True)
                probe = staged_path(tree)
                probe.touch()
                probe.unlink()
            marked = store._marked_schema()
        if marked is None or marked < schema.VERSION:
            marker = json.dumps({"format": FORMAT, "schema": schema.VERSION})
            write_atomically(store.root, store.root / MARKER, marker.encode())
        return store

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """Open the store at `path` for reading.

        Raises StoreError when there is none, or when it was made by a newer evalharness.
        """
        store = cls(Path(path).expanduser().absolute())
        with explained("read the store", store.root):
            marked = store._marked_schema()
        if marked is None:
            raise StoreError(
                f"There is no store in {store.root} (no {MARKER} in it). Make one with "
                "`evalharness demo` or `evalharness run`, or name another with --store."
            )
        return store

    @classmethod
    def mend(cls, path: str | Path) -> Store:
        """Open the store at `path` for writing, where it has a journal even without its marker.

        Raises StoreError as `open` and `create` do.
        """
        store = cls(Path(path).expanduser().absolute())
        with explained("read the store", store.root):
            has_parts = any(store.journal.glob("[!.]*/*/*.parquet"))
        return cls.create(path) if has_parts else cls.create(cls.open(path).root)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only run on this store inside a `with` block.

        Waits for who is only `publishing`; StoreBusyError names another run's PID.
        """
        with locked(self.root / "lock"):
            for tree in self.trees:
                with explained("clean up", tree):
                    sweep(tree)
            yield

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """Have the ledger for a moment inside a `with` block; a run that starts now waits for it.

        Raises StoreBusyError while a run has it: that run publishes whatever is new itself.
        """
        with locked(self.root / "lock", briefly=True):
            yield

    def writer(self) -> int | None:
        """The process that writes or wrote last, by the lock file; it need not live any more."""
        return named_holder(self.root / "lock")

    def _marked_schema(self) -> int | None:
        path = self.root / MARKER
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            marker = json.loads(text)
            written, version = int(marker["format"]), int(marker["schema"])
        except (ValueError, KeyError, TypeError):
            raise StoreError(
                f"{path} does not say what made this store: found {text[:80]!r}, expected "
                f'{{"format": {FORMAT}, "schema": {schema.VERSION}}}. Restore it, or delete it and '
                "run `evalharness rebuild`, which checks every part and writes it anew."
            ) from None
        if written > FORMAT:
            raise StoreError(
                f"{self.root} has store format {written}; this evalharness knows formats up to "
                f"{FORMAT}. Update evalharness, or use another folder with --store."
            )
        if version > schema.VERSION:
            raise schema.newer(f"store {self.root}", version)
        return version
