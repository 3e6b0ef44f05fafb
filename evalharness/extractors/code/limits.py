"""How much a program may use, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Ending: TypeAlias = Literal[
    "passed", "failed", "exited", "timeout", "memory", "output", "files", "crashed"
]
"""How a program ended: `passed` when it and its tests ran to their end, `failed` when one of them
raised, `exited` when it left before; over its limits of time, memory, output or number of files;
`crashed` when a signal killed it."""

ENDINGS: tuple[Ending, ...] = get_args(Ending)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program and all processes it starts may use together, unless it says otherwise.

    `wall_s` and `cpu_s` are seconds. `memory_bytes` is what they hold in memory; each process may
    reserve twice as much. `disk_bytes` is the private folder's size and that of the largest file,
    `files` how many it may hold. `processes` counts threads too; `open_files` is each process's.
    `output_bytes` counts both streams.
    """

    wall_s: float = 15.0
    cpu_s: int = 10
    memory_bytes: int = 2**29
    disk_bytes: int = 2**26
    files: int = 4096
    processes: int = 32
    open_files: int = 128
    output_bytes: int = 2**20


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a program: `message` says why it did not pass, in a line.

    `stdout` and `stderr` are the last 4,000 bytes of each; `seconds` is how long it ran, without
    the time the sandbox took to stand.
    """

    status: Ending
    message: str
    stdout: str
    stderr: str
    seconds: float
