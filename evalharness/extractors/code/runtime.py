"""The Python that runs programs: which of this machine's files it needs, and none beside them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from evalharness.core.errors import HarnessError

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_LEFT_OUT = ("_tkinter", "_test", "_ctypes_test", "_xx", "xx", "nis")

_ASKED = """
import importlib, json, os, sys, sysconfig
folders = sorted({os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})
for folder in folders:
    extensions = os.path.join(folder, "lib-dynload")
    names = os.listdir(extensions) if os.path.isdir(extensions) else []
    for name in sorted({name.partition(".")[0] for name in names}):
        if not name.startswith(tuple(sys.argv[1].split(","))):
            try:
                importlib.import_module(name)
            except ImportError:
                pass  # an extension that this Python cannot load itself
with open("/proc/self/maps") as maps:
    fields = [line.rstrip("\\n").split(None, 5) for line in maps]
mapped = sorted({f[5] for f in fields if len(f) == 6 and ".so" in f[5]})
print(json.dumps({"folders": folders, "libraries": mapped}))
"""
"""Prints where a Python lies, and the shared libraries of one that has loaded every extension
module it brings."""


@dataclass(frozen=True, slots=True)
class View:
    """What a program sees of the machine, at the places where it lies there.

    `files` (and folders) can be read, but nothing in the `hidden` folders of them; `links` point to
    `targets`; `devices` are harmless ones.
    """

    files: tuple[str, ...]
    hidden: tuple[str, ...]
    links: tuple[str, ...]
    targets: tuple[str, ...]
    devices: tuple[str, ...]

    def as_json(self) -> dict[str, list[str]]:
        """The same as lists."""
        return {name: list(paths) for name, paths in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Runtime:
    """An interpreter (never a virtual environment's) and what it needs to be seen."""

    executable: str
    view: View


@cache
def find_runtime() -> Runtime:
    """The Python that runs this process, without the packages installed in it."""
    executable = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    folders, libraries = _asked(executable)
    hidden = [
        f"{folder}/{packages}" for folder in folders for packages in ("site-packages", "test")
    ]
    links: dict[str, str] = {}
    for library in libraries:
        links.update(_links_to(library))
    links.update(_loader_links(libraries))
    cache_of_names = [path for path in ("/etc/ld.so.cache",) if Path(path).exists()]
    files = (executable, *folders, *libraries, *cache_of_names)
    view = View(
        files=tuple(dict.fromkeys(files)),
        hidden=tuple(path for path in hidden if Path(path).is_dir()),
        links=tuple(links),
        targets=tuple(links.values()),
        devices=tuple(path for path in DEVICES if Path(path).exists()),
    )
    return Runtime(executable, view)


def _asked(executable: str) -> tuple[list[str], list[str]]:
    """An interpreter's own folders, and the shared libraries outside of them, as real paths."""
    command = [executable, "-s", "-S", "-P", "-B", "-c", _ASKED, ",".join(_LEFT_OUT)]
    try:
        answer = subprocess.run(command, env={}, capture_output=True, check=True, timeout=60)
        found = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise HarnessError(
            f"The Python at {executable} does not start without this one's environment "
            f"({type(error).__name__}: {error}), so no program can be run with it."
        ) from error
    folders = [str(folder) for folder in found["folders"]]
    libraries = dict.fromkeys(os.path.realpath(path) for path in found["libraries"])
    return folders, [p for p in libraries if not p.startswith(tuple(f"{f}/" for f in folders))]


def _links_to(library: str) -> dict[str, str]:
    """The other names of a library in its folder, by which programs are linked to it."""
    folder = Path(library).parent
    stem = Path(library).name.partition(".so")[0]
    names = [each for each in folder.iterdir() if each.name.startswith(stem) and each.is_symlink()]
    return {str(name): library for name in names if os.path.realpath(name) == library}


def _loader_links(libraries: list[str]) -> dict[str, str]:
    """Where programs look for the loader and libraries, on machines whose /lib is in /usr."""
    found: dict[str, str] = {}
    for place in ("/lib", "/lib64"):
        if Path(place).is_symlink():
            found[place] = str(Path(place).readlink())
        for loader in Path(os.path.realpath(place)).glob("ld-*"):
            target = os.path.realpath(loader)
            if target in libraries and target != str(loader):
                found[str(loader)] = target
    return found
