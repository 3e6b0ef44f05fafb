"""What a run's children wrote for themselves: the ends of their logs, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evalharness.ledger.store import Store

LAST_BYTES = 64 << 10
LAST_LINES = 200
LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class LogEnd:
    """The end of one child's log; `whole` is False where there was more before it."""

    title: str
    lines: tuple[str, ...]
    whole: bool


def log_ends(store: Store, run: str) -> tuple[LogEnd, ...]:
    """The logs of a run of the store, by their titles; none for a name that is no run's.

    Links are not followed, and files that cannot be read are left out.
    """
    logs = store.root / "logs"
    known = {path.name: path for path in logs.iterdir()} if logs.is_dir() else {}
    folder = known.get(run)
    if folder is None or folder.is_symlink() or not folder.is_dir():
        return ()
    found = []
    for path in sorted(folder.glob("*.log")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            found.append(_end(path))
        except OSError:
            continue
    return tuple(found)


def _end(path: Path) -> LogEnd:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LAST_BYTES))
        data = file.read(LAST_BYTES)
    lines = data.decode("utf-8", "replace").splitlines()
    cut = size > LAST_BYTES
    if cut:
        lines = lines[1:]  # its beginning is missing
    shown = [
        line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …"
        for line in lines[-LAST_LINES:]
    ]
    return LogEnd(path.stem, tuple(shown), whole=not cut and len(lines) <= LAST_LINES)
