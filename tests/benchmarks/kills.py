"""`kill -9` of the runner alone, at random moments, and what the next run makes of it."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from evalharness.ledger.ingest import Ingester
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store

GRACE_S = 10.0
"""How long children may take to notice that their parent has gone."""

# everything that does not tell the time must be the same after a kill
TABLES = {
    "jobs": "SELECT job_key, model, prompt, text, seed, settings FROM jobs",
    "members": "SELECT suite, variant, model, prompt_id, seed, job_key FROM members",
    "attempts": "SELECT job_key, take, attempt, status, reason FROM attempts",
    "outputs": "SELECT job_key, take, attempt, status FROM outputs",
    "output_artifacts": "SELECT job_key, take, attempt, position, sha256 FROM output_artifacts",
    "artifacts": "SELECT sha256, kind, bytes, width, height, text FROM artifacts",
    "features": "SELECT feature_key, subject, status, text FROM features",
    "reference_members": "SELECT reference, position, subject FROM reference_members",
    "scores": "SELECT job_key, take, metric, status, CASE WHEN metric IN ('latency',"
    " 'peak_memory') THEN 0 ELSE round(value, 4) END FROM scores",
    "set_scores": "SELECT suite, variant, metric, status, n, CASE WHEN metric = 'throughput'"
    " THEN 0 ELSE round(value, 4) END FROM set_scores",
}


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: when, what was durable and answered then, what was found afterwards."""

    after_s: float
    durable: int
    answered: int
    orphans: int
    differing: tuple[str, ...]
    doubled: int

    @property
    def redone(self) -> int:
        """Answers that were made and had to be made again."""
        return self.answered - self.durable


def command(store: Path, arguments: list[str]) -> list[str]:
    """The command line of a run."""
    return [sys.executable, "-m", "evalharness", "run", *arguments, "--store", str(store)]


def whole_run(store: Path, arguments: list[str]) -> float:
    """An uninterrupted run; the seconds it took."""
    started = time.monotonic()
    subprocess.run(command(store, arguments), check=True, capture_output=True)
    return time.monotonic() - started


def tables(store: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table of a store's published copy, sorted, without times."""
    connection = connect(Store.open(store))
    try:
        return {
            name: sorted(connection.execute(query).fetchall(), key=repr)
            for name, query in TABLES.items()
        }
    finally:
        connection.close()


def kill_once(store: Path, arguments: list[str], after_s: float, expected: Path) -> Kill:
    """Kill a run on a new store, run again, compare with the store `expected`."""
    process = subprocess.Popen(
        command(store, arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(after_s)
    family = _descendants(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    orphans = _still_there(family)
    durable, answered = _durable(store), _answered(store)
    whole_run(store, arguments)
    found, wanted = tables(store), tables(expected)
    differing = tuple(name for name in TABLES if found[name] != wanted[name])
    attempts = [row[:3] for row in found["attempts"]]
    return Kill(after_s, durable, answered, orphans, differing, len(attempts) - len(set(attempts)))


def kills(
    folder: Path, arguments: list[str], rounds: int, seed: int = 0, latest: float = 1.0
) -> list[Kill]:
    """Kill `rounds` runs, each at a random moment of its expected duration × `latest`."""
    expected = folder / "expected"
    duration = whole_run(expected, arguments)
    moments = random.Random(seed)
    return [
        kill_once(
            folder / f"killed-{n}", arguments, moments.uniform(0.2, duration * latest), expected
        )
        for n in range(rounds)
    ]


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _still_there(family: list[psutil.Process]) -> int:
    _, alive = psutil.wait_procs(family, timeout=GRACE_S)
    alive = [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    for process in alive:
        process.kill()
    return len(alive)


def _durable(store: Path) -> int:
    """Attempts that the journal holds."""
    if not (store / "journal").is_dir():
        return 0
    opened = Store.create(store)
    with opened.writing(), Ingester(opened) as ingester:
        ingester.ingest()
        ingester.publish()
    connection = connect(opened)
    try:
        [(count,)] = connection.execute("SELECT count(*) FROM attempts").fetchall()
    finally:
        connection.close()
    return int(count)


def _answered(store: Path) -> int:
    """Answers that the children's logs tell of."""
    logs = (store / "logs").rglob("*.log")
    return sum(
        line.startswith("answered ") for log in logs for line in log.read_text().splitlines()
    )
