"""Ways to wall a process in: what they have in common, and those that need no daemon or image."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from evalharness.extractors.code.inside import walls
from evalharness.extractors.code.limits import Limits
from evalharness.extractors.code.runtime import Runtime

Views: TypeAlias = dict[str, list[str]]

PYTHON_OPTIONS = ("-s", "-S", "-P", "-B", "-X", "utf8")
"""No packages, no folder of the caller's, no byte code written."""

ENVIRONMENT = {"HOME": "/tmp", "LANG": "C.UTF-8", "PWD": "/tmp", "PYTHONHASHSEED": "0"}  # noqa: S108
"""All that a program finds in its environment: sets have one order, so that runs are alike."""


class Isolation(ABC):
    """A way to start the warden; `name` is how people know it."""

    name: str

    brings: tuple[str, ...] = ()
    """Names in the root folder that this way puts there beside what is to be seen."""

    @abstractmethod
    def missing(self) -> str | None:
        """What this way lacks here, as far as can be told without trying it; None for nothing."""

    @abstractmethod
    def command(self, runtime: Runtime, limits: Limits, boot: str) -> list[str]:
        """What starts `boot` as the first process of new namespaces, or outside of them."""

    def environment(self) -> dict[str, str]:
        """What the command finds in its environment."""
        return dict(ENVIRONMENT)

    def view(self, runtime: Runtime) -> Views | None:
        """What the warden has to build itself before it is walled in; None if it is already."""
        return None


@dataclass(frozen=True)
class Bubblewrap(Isolation):
    """The tool of Flatpak: https://github.com/containers/bubblewrap."""

    name = "bubblewrap"

    def missing(self) -> str | None:
        """The program `bwrap`, or what every way here needs."""
        return unknown_machine() or (None if shutil.which("bwrap") else "there is no `bwrap`")

    def command(self, runtime: Runtime, limits: Limits, boot: str) -> list[str]:
        """`bwrap` with options, then Python; as root the warden gives up root's rights itself."""
        view, found = runtime.view, [shutil.which("bwrap") or "bwrap"]
        for space in ("pid", "net", "ipc", "uts"):
            found += [f"--unshare-{space}"]
        if os.geteuid() == 0:
            found += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            found += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
        found += ["--die-with-parent", "--new-session", "--as-pid-1", "--hostname", "sandbox"]
        found += ["--clearenv"]
        for name, value in ENVIRONMENT.items():
            found += ["--setenv", name, value]
        for folder in folders_over([*view.files, *view.links, *view.devices]):
            found += ["--dir", folder]  # those it makes by itself only their owner may enter
        for path in view.files:
            found += ["--ro-bind", path, path]
        for path in view.hidden:
            found += ["--tmpfs", path, "--remount-ro", path]
        for link, target in zip(view.links, view.targets, strict=True):
            found += ["--symlink", target, link]
        for path in view.devices:
            found += ["--dev-bind", path, path]
        found += ["--proc", "/proc", "--size", str(limits.disk_bytes), "--tmpfs", "/tmp"]  # noqa: S108
        found += ["--chmod", "1777", "/tmp", "--remount-ro", "/", "--chdir", "/tmp"]  # noqa: S108
        return [*found, runtime.executable, *PYTHON_OPTIONS, "-c", boot]


@dataclass(frozen=True)
class Namespaces(Isolation):
    """Linux namespaces, made by the warden itself."""

    name = "namespaces"

    def missing(self) -> str | None:
        """What every way here needs."""
        return unknown_machine()

    def command(self, runtime: Runtime, limits: Limits, boot: str) -> list[str]:
        """Python itself."""
        return [runtime.executable, *PYTHON_OPTIONS, "-c", boot]

    def view(self, runtime: Runtime) -> Views | None:
        """All of it: nothing is built yet."""
        return runtime.view.as_json()


def unknown_machine() -> str | None:
    """Why no way works on such a machine; None where one may."""
    if not hasattr(os, "uname") or os.uname().sysname != "Linux":
        return "this is not Linux"
    if walls.knows_this_machine():
        return None
    return f"which system calls to forbid is not known for {os.uname().machine}"


def folders_over(paths: Sequence[str]) -> list[str]:
    """Every folder on the way to these, outer ones first."""
    return sorted({str(folder) for path in paths for folder in list(Path(path).parents)[:-1]})
