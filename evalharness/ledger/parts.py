"""What a part is on disk, and whether it is still what was written.

A part is one folder `journal/<run>/<name>/` with `<table>.parquet` files and a manifest that
names each with its rows, bytes and sha256, so that no damage passes for data.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalharness.core.errors import StoreError
from evalharness.ledger import schema
from evalharness.ledger.durable import explained
from evalharness.ledger.encode import PART_FORMAT
from evalharness.ledger.store import Store

MANIFEST = "part.json"
DAMAGED = "damaged"
"""The folder of the journal that takes parts which are no longer what was written."""


class DamagedPartError(StoreError):
    """A part whose files do not match its manifest."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sound part: its name `<run>/<folder>` and the Parquet file of each of its tables."""

    name: str
    files: Mapping[str, Path]


def manifest(files: Mapping[str, tuple[int, memoryview]]) -> bytes:
    """The manifest of a part, given each table's number of rows and Parquet bytes."""
    tables = {
        table: {"rows": rows, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for table, (rows, data) in files.items()
    }
    facts = {"format": PART_FORMAT, "schema": schema.VERSION, "tables": tables}
    return json.dumps(facts, indent=1).encode("ascii")


def names(store: Store) -> list[str]:
    """The names of all parts in the journal, in the order of runs and times."""
    with explained("read", store.journal):
        runs = [
            run
            for run in sorted(store.journal.iterdir())
            if run.is_dir() and run.name != DAMAGED and not run.name.startswith(".")
        ]
        return [
            f"{run.name}/{part.name}"
            for run in runs
            for part in sorted(run.iterdir())
            if part.is_dir()
        ]


def check(store: Store, name: str) -> Part:
    """The part `name`, verified against its manifest.

    Raises DamagedPartError, or StoreError when a newer evalharness wrote it.
    """
    folder = store.journal / name
    data = _read(folder / MANIFEST)
    try:
        facts: dict[str, Any] = json.loads(data)
        versions = {"format": int(facts["format"]), "schema": int(facts["schema"])}
        _refuse_newer(name, versions)
        tables = {str(t): (int(e["bytes"]), str(e["sha256"])) for t, e in facts["tables"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedPartError(f"its manifest {MANIFEST} is damaged: {error!r}") from error
    files = {table: folder / f"{table}.parquet" for table in tables}
    for table, (size, sha256) in tables.items():
        _compare(files[table], size, sha256)
    return Part(name, files)


def _refuse_newer(name: str, versions: Mapping[str, int]) -> None:
    for what, known in (("format", PART_FORMAT), ("schema", schema.VERSION)):
        if versions[what] > known:
            raise schema.newer(f"journal part {name} ({what})", versions[what])


def _read(path: Path) -> bytes:
    with explained("read", path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise DamagedPartError(f"{path.name} is missing") from None


def _compare(path: Path, size: int, sha256: str) -> None:
    data = _read(path)
    if len(data) != size:
        raise DamagedPartError(f"{path.name} has {len(data)} bytes, expected {size}")
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise DamagedPartError(f"{path.name} has sha256 {found}, expected {sha256}")


def quarantine(store: Store, name: str) -> Path:
    """Move the part `name` out of the journal to `journal/damaged/`; returns its new place."""
    target = store.journal / DAMAGED / name
    with explained("move a damaged part to", target):
        if target.exists():
            target = target.with_name(f"{target.name}-{uuid.uuid4().hex[:8]}")
        target.parent.mkdir(parents=True, exist_ok=True)
        (store.journal / name).rename(target)
    return target
