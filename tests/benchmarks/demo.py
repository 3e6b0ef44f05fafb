"""The demo as a newcomer runs it: how long, how much memory, how quick the second time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from tests.benchmarks.report import Figure

GIB = 2**30


def measure() -> list[Figure]:
    """`evalharness demo` on an empty store, then the same suites again, then `--help`."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "results"
        seconds, peak = _watched(["demo", "--store", str(store)])
        again = min(_watched(["run", "tinyworld", "--store", str(store)])[0] for _ in range(3))
    helped = min(_watched(["--help"])[0] for _ in range(5))
    return [
        Figure(
            "`evalharness demo`, installed, empty store",
            "≤ 5 min",
            f"{seconds:.0f} s",
            seconds <= 300,
            "one run",
        ),
        Figure(
            "peak memory of any of its processes",
            "≤ 4 GB",
            f"{peak / 1e9:.2f} GB",
            peak <= 4e9,
            "resident set, every 50 ms, all descendants",
        ),
        Figure(
            "a second `run` of the finished tinyworld suite (2,304 outputs)",
            "≤ 3 s",
            f"{again:.2f} s",
            again <= 3.0,
            "best of 3, whole process; generates nothing",
        ),
        Figure(
            "`evalharness --help`, without torch",
            "≤ 0.4 s",
            f"{helped:.2f} s",
            helped <= 0.4,
            "best of 5, whole process",
        ),
    ]


def _watched(arguments: list[str]) -> tuple[float, int]:
    """Seconds, and the largest resident set (bytes) of the process and its descendants."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "evalharness", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, _largest(process.pid))

    watcher = threading.Thread(target=watch)
    if arguments[0] == "demo":
        watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - started
    done.set()
    if watcher.is_alive():
        watcher.join()
    if code:
        raise RuntimeError(f"evalharness {' '.join(arguments)} ended with exit code {code}")
    return seconds, peak


def _largest(pid: int) -> int:
    largest = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            largest = max(largest, process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return largest
