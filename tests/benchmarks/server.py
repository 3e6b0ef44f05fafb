"""How near many calls at once come to a server's own speed, and whether memory stays flat."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from evalharness.backends.server.backend import ServerBackend
from evalharness.backends.server.entry import ENTRY
from evalharness.core.nouns import Job, Model, Prompt
from evalharness.core.outcomes import Status
from evalharness.ledger.store import Store
from evalharness.runner.events import Event
from evalharness.runner.generate import GenerateWork, generate
from evalharness.runner.plan import Place, PlacedJob
from tests.benchmarks.report import Figure

CONCURRENCY = 64
LATENCY_S = 0.2
CALLS = 10_000
EARLY = 1_000
IDEAL = CONCURRENCY / LATENCY_S
MOST_GROWTH = 0.05


@dataclass(frozen=True, slots=True)
class Course:
    """What one process saw: answers a second, its memory (MiB) early and late, CPU a call (ms)."""

    rate: float
    early_mib: float
    late_mib: float
    cpu_ms: float


def measure() -> list[Figure]:
    """A client in one process, the server in another; then the same with everything stored."""
    with _stub() as url:
        bare, stored = _course(url, "backend"), _course(url, "stage")
    calls = f"{CALLS:,} calls, {CONCURRENCY} at once, to a loopback server that takes 200 ms"
    growth = bare.late_mib / bare.early_mib - 1
    return [
        Figure(
            what=f"{calls}: answers a second",
            asked=f"≥ 90 % of {IDEAL:.0f}/s",
            reached=f"{bare.rate:.0f}/s, {bare.rate / IDEAL:.1%}",
            ok=bare.rate >= 0.9 * IDEAL,
            how=f"the backend in a process of its own; {bare.cpu_ms:.2f} ms of CPU a call",
        ),
        Figure(
            what=f"memory of that process after {EARLY:,} and {CALLS:,} calls",
            asked=f"flat: growth of at most {MOST_GROWTH:.0%}",
            reached=f"{bare.early_mib:.1f} and {bare.late_mib:.1f} MiB ({growth:+.1%})",
            ok=growth <= MOST_GROWTH,
            how="resident set",
        ),
        Figure(
            what=f"{calls}: answers a second, every one on disk with its row",
            asked="told",
            reached=f"{stored.rate:.0f}/s, {stored.rate / IDEAL:.1%}",
            ok=True,
            how=f"the generate stage; {stored.cpu_ms:.2f} ms of CPU a call; "
            f"{stored.early_mib:.1f} and {stored.late_mib:.1f} MiB",
        ),
    ]


@contextmanager
def _stub() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.benchmarks.server_stub", str(LATENCY_S)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


def _course(url: str, way: str) -> Course:
    command = [sys.executable, "-m", "tests.benchmarks.server", url, way]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return Course(**json.loads(done.stdout.splitlines()[-1]))


def _run(url: str, way: str) -> Course:
    """Everything that is measured, in this process."""
    placement = {"concurrency": CONCURRENCY}
    model = Model("m", "server", f"{url}#stub", modality="text", placement=placement)
    jobs = [
        Job(f"{n:064x}", "m", Prompt(f"p{n}", f"question {n}"), f"question {n}", None, 0, {})
        for n in range(CALLS)
    ]
    seen = _Seen()
    if way == "stage":
        with tempfile.TemporaryDirectory() as folder:
            store = Store.create(Path(folder) / "store")
            placed = tuple(PlacedJob(job, Place(1, 1)) for job in jobs)
            work = GenerateWork(store.root, "bench", model, ENTRY.resolve(model), placed)
            generate(work, seen.event)
    else:
        with ServerBackend(model, ENTRY.resolve(model)) as backend:
            for answer in backend.generate(jobs):
                assert answer.status is Status.OK, answer.reason
                seen.add(1)
    return seen.course()


class _Seen:
    """Counts answers, and looks at this process when some have come."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._began = time.perf_counter()
        self._cpu = time.process_time()
        self._count = 0
        self._early = 0

    def add(self, answers: int) -> None:
        """Some more came."""
        self._count += answers
        if not self._early and self._count >= EARLY:
            self._early = self._process.memory_info().rss

    def event(self, event: Event) -> None:
        """Count what the stage says is durable."""
        self.add(len(getattr(event, "keys", ())))

    def course(self) -> Course:
        """What it came to."""
        assert self._count == CALLS, self._count
        return Course(
            rate=CALLS / (time.perf_counter() - self._began),
            early_mib=self._early / 2**20,
            late_mib=self._process.memory_info().rss / 2**20,
            cpu_ms=1000 * (time.process_time() - self._cpu) / CALLS,
        )


if __name__ == "__main__":
    import dataclasses

    print(json.dumps(dataclasses.asdict(_run(sys.argv[1], sys.argv[2]))))
