"""The demo as a newcomer runs it: how long, how much memory, how quick the second time."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.benchmarks.report import Figure
from tests.benchmarks.watched import Spent, spent


def measure() -> list[Figure]:
    """`evalharness demo` on an empty store, then the same suites again, then `--help`."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "results"
        demo = _evalharness("demo", "--store", str(store))
        runs = [_evalharness("run", "tinyworld", "--store", str(store)) for _ in range(3)]
    seconds, peak, again = demo.wall_s, demo.peak_bytes, min(run.wall_s for run in runs)
    helped = min(_evalharness("--help").wall_s for _ in range(5))
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


def _evalharness(*arguments: str) -> Spent:
    return spent([sys.executable, "-m", "evalharness", *arguments])
