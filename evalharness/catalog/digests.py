"""Content digests of files and folders, remembered by (path, size, mtime).

Reading 7 GB to learn that nothing changed would make every `plan` slow. The memory is a small
JSON file in the user's cache folder; losing it, or not being able to write it, costs only time.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from evalharness.core.keys import digest, plain

MEMORY_NAME = "digests.json"

SETTLED_S = 2.0
"""A file younger than this may still change without its mtime moving, so it is not remembered."""


def cache_folder() -> Path:
    """Where evalharness keeps what it can recompute: `EVALHARNESS_CACHE` or `~/.cache/…`."""
    chosen = os.environ.get("EVALHARNESS_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "evalharness"


def file_digest(path: Path) -> str:
    """sha256 (hex) of a file's bytes, from the memory when size and mtime are unchanged."""
    return file_digests([path])[path]


def folder_digest(folder: Path, names: Iterable[str]) -> str:
    """Digest (hex) of relative names and contents: the same wherever the folder stands."""
    paths = {name: folder / name for name in names}
    found = file_digests(paths.values())
    return digest(plain({name: found[path] for name, path in paths.items()}))


def file_digests(paths: Iterable[Path]) -> dict[Path, str]:
    """sha256 (hex) of every file's bytes, as `file_digest`; raises OSError."""
    memory = _read_memory()
    known, found = dict(memory), {}
    for path in paths:
        state = path.stat()
        place = str(path.resolve())
        stamp = f"{state.st_size}:{state.st_mtime_ns}:"
        remembered = known.get(place, "")
        if remembered.startswith(stamp):
            found[path] = remembered.removeprefix(stamp)
            continue
        with path.open("rb") as file:
            found[path] = hashlib.file_digest(file, "sha256").hexdigest()
        known.pop(place, None)
        if time.time() - state.st_mtime > SETTLED_S:
            known[place] = stamp + found[path]
    if known != memory:
        _write_memory(known)
    return found


def _read_memory() -> dict[str, str]:
    try:
        stored = json.loads((cache_folder() / MEMORY_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(stored, dict):
        return {}
    return {k: v for k, v in stored.items() if isinstance(v, str)}


def _write_memory(known: Mapping[str, str]) -> None:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, staged = tempfile.mkstemp(dir=folder, prefix=MEMORY_NAME)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(known, file)
        Path(staged).replace(folder / MEMORY_NAME)
    except OSError:
        return
