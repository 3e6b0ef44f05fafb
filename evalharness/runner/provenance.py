"""Who ran what, where, with which versions: written with every run, never part of a key."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version

import psutil

from evalharness.core.nouns import Json
from evalharness.runner.devices import slots

PACKAGES = (
    "evalharness",
    "torch",
    "diffusers",
    "transformers",
    "open_clip_torch",
    "accelerate",
    "peft",
    "numpy",
    "duckdb",
)


def versions() -> dict[str, Json]:
    """Versions of Python and of the packages that can change a result."""
    found: dict[str, Json] = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def machine() -> dict[str, Json]:
    """Host, processor, memory (bytes) and GPUs."""
    return {
        "host": platform.node(),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "slots": list(slots()),
        "gpus": _lines("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"),
    }


def git_state() -> dict[str, Json]:
    """Commit of the working folder and whether it has uncommitted changes."""
    commit = _lines("git", "rev-parse", "HEAD")
    if not commit:
        return {}
    return {"commit": commit[0], "dirty": bool(_lines("git", "status", "--porcelain"))}


def _lines(*command: str) -> list[Json]:
    """What a command prints, line by line; nothing where it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return list(done.stdout.splitlines())
