"""A whole process with all it starts, watched: wall and processor time, memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

# what OpenBLAS was told elsewhere slows numpy down; no contender gets it
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process printed, its seconds, and those of processors (its descendants' too).

    `peak_bytes` is the largest resident set that any one process of the family was seen with.
    """

    output: str
    wall_s: float
    cpu_s: float
    peak_bytes: int


def spent(command: Sequence[str], threads: int = 2, more: Mapping[str, str] | None = None) -> Spent:
    """Run a command to its end; raises RuntimeError with what it said where it fails."""
    environment = {k: v for k, v in os.environ.items() if k not in UNSET}
    environment |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    environment |= {"OPENBLAS_NUM_THREADS": str(threads), **(more or {})}
    environment["PYTHONDONTWRITEBYTECODE"] = ""  # a user's second start finds byte code
    started = time.perf_counter()
    process = subprocess.Popen(
        list(command),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    used: dict[int, float] = {}
    peak = 0
    while process.poll() is None:
        peak = max(peak, _note(process.pid, used))
        time.sleep(0.05)
    wall = time.perf_counter() - started
    output, said = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said[-2000:]}")
    return Spent(output, wall, sum(used.values()), peak)


def _note(pid: int, used: dict[int, float]) -> int:
    """Remember the latest processor time of every process of the family; its largest one's size."""
    largest = 0
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            times = process.cpu_times()
            largest = max(largest, process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
        used[process.pid] = times.user + times.system
    return largest
