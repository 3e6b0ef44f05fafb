"""A thousand programs in the sandbox: how many a second, and what they leave behind."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from evalharness.extractors.code.finding import WAYS, find_sandbox, try_walls
from evalharness.extractors.code.limits import Ran
from evalharness.extractors.code.sandbox import Sandbox
from tests.benchmarks.report import Figure

RUNS = 1000
WARM_UP = 100
AT_ONCE = len(os.sched_getaffinity(0))
TESTS = "assert add(1, 2) == 3"
ADD = "def add(a, b):\n    return a + b\n"
PROGRAMS = (
    (ADD, "passed"),
    (f"print('x' * 10000)\n{ADD}", "passed"),
    (f"open('/tmp/left', 'w').write('x' * 10**6)\n{ADD}", "passed"),
    (f"import os, time\nif not os.fork():\n    os.setsid()\n    time.sleep(600)\n{ADD}", "passed"),
    (
        f"import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n{ADD}",
        "passed",
    ),
    ("def add(a, b):\n    return a - b\n", "failed"),
    ("import os\nos._exit(0)", "exited"),
    ("import ctypes\nctypes.string_at(0)", "crashed"),
    ("x = bytearray(10**12)", "memory"),
    ("while True: print('x' * 100000)", "output"),
)
"""What models write and worse, each with the ending it must have."""


@dataclass(frozen=True, slots=True)
class Held:
    """What this machine holds for us: counted before and after."""

    processes: int
    descriptors: int
    temporary: int
    mounts: int
    threads: int
    memory_mib: float

    @staticmethod
    def now() -> Held:
        gc.collect()
        this = psutil.Process()
        return Held(
            processes=len(this.children(recursive=True)) + sum(map(_is_ours, psutil.pids())),
            descriptors=this.num_fds(),
            temporary=sum(1 for _ in Path(tempfile.gettempdir()).rglob("*")),
            mounts=len(Path("/proc/self/mounts").read_text().splitlines()),
            threads=this.num_threads(),
            memory_mib=this.memory_info().rss / 2**20,
        )


def _is_ours(pid: int) -> bool:
    """Whether a process is a sandbox's: its user has a number that nobody real has."""
    try:
        return psutil.Process(pid).uids().real >= 0x70000000
    except psutil.Error:
        return False


def measure() -> list[Figure]:
    """For every way that works here: rate, endings, what is left."""
    with tempfile.TemporaryDirectory() as folder:
        usual, tempfile.tempdir = tempfile.tempdir, folder  # others write into the machine's
        try:
            return [figure for sandbox in _working() for figure in _figures(sandbox)]
        finally:
            tempfile.tempdir = usual


def _working() -> Iterator[Sandbox]:
    find_sandbox()  # raises where no way works: a benchmark of nothing is none
    for way in WAYS:
        if way.missing() is None and try_walls(Sandbox(way)) is None:
            yield Sandbox(way)


def _figures(sandbox: Sandbox) -> Iterator[Figure]:
    name = sandbox.isolation.name
    with ThreadPoolExecutor(AT_ONCE) as pool:

        def run(n: int) -> tuple[Ran, str]:
            source, ending = PROGRAMS[n % len(PROGRAMS)]
            return sandbox.run(source, TESTS, "add"), ending

        list(pool.map(run, range(WARM_UP)))
        before, started = Held.now(), time.monotonic()
        ran = list(pool.map(run, range(RUNS)))
        seconds, after = time.monotonic() - started, Held.now()
        started = time.monotonic()
        list(pool.map(lambda _: sandbox.run(ADD, TESTS, "add"), range(RUNS)))
        plain = RUNS / (time.monotonic() - started)
    wrong = Counter((found.status, ending) for found, ending in ran if found.status != ending)
    how = f"{RUNS:,} programs, {AT_ONCE} at once, of {len(PROGRAMS)} kinds: right, wrong, "
    how += "daemons, threads, crashes, floods of output and of memory"
    yield Figure(
        f"programs a second ({name})",
        "≥ 15",
        f"{RUNS / seconds:.0f} of all kinds, {plain:.0f} that pass",
        min(RUNS / seconds, plain) >= 15,
        how,
    )
    yield Figure(
        f"endings ({name})", "all as they must be", f"{sum(wrong.values())} others", not wrong, how
    )
    counted = ("processes", "descriptors", "temporary", "mounts", "threads")
    left = {each: getattr(after, each) - getattr(before, each) for each in counted}
    grown = after.memory_mib - before.memory_mib
    yield Figure(
        f"left after {RUNS:,} programs ({name})",
        "no process, open file, temporary file, mount, thread; < 5 MiB",
        f"{', '.join(f'{n} {each}' for each, n in left.items())}; {grown:+.1f} MiB",
        all(n <= 0 for n in left.values()) and grown < 5,
        f"counted before and after, {WARM_UP} programs having been run first",
    )
