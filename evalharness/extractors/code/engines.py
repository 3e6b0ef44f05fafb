"""Container engines, for machines without bubblewrap where no namespaces may be made directly."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache

from evalharness.core.errors import HarnessError
from evalharness.extractors.code.isolation import (
    ENVIRONMENT,
    PYTHON_OPTIONS,
    Isolation,
    folders_over,
    unknown_machine,
)
from evalharness.extractors.code.limits import Limits
from evalharness.extractors.code.runtime import Runtime, View

_IMAGE = "localhost/evalharness-sandbox"
_AFRESH = f"import os, sys; os.execve(sys.argv[1], sys.argv[1:], {ENVIRONMENT!r})"
"""Starts what follows in the environment of every sandbox, without what engines add (proxies)."""

_PATIENCE_S = 60.0
_SPARE = 2
"""Processes beside the program's: the warden, and one that the engine may start."""


@dataclass(frozen=True)
class Engine(Isolation):
    """A container of an image that holds folders and links alone; what is seen is bound into it.

    `own` are options that this engine has beside those of all engines, `closed` how a folder is
    covered with an empty one. The engine's limits on memory and processes are a second lock: the
    warden watches both.
    """

    name: str
    own: tuple[str, ...]
    closed: str
    brings: tuple[str, ...] = ("dev", "etc", "proc", "run", "sys", ".dockerenv")

    def missing(self) -> str | None:
        """The engine's program, or what every way here needs."""
        return unknown_machine() or (
            None if shutil.which(self.name) else f"there is no `{self.name}`"
        )

    def command(self, runtime: Runtime, limits: Limits, boot: str) -> list[str]:
        """`ENGINE run` with options, then Python; the warden gives up root's rights itself.

        Raises HarnessError where the engine cannot make the image.
        """
        engine, view = shutil.which(self.name) or self.name, runtime.view
        found = [
            engine,
            "run",
            "--rm",
            "--pull",
            "never",
            "--interactive",
            "--network",
            "none",
            "--ipc",
            "none",
        ]
        found += ["--read-only", "--hostname", "sandbox", "--user", "0:0", "--workdir", "/tmp"]  # noqa: S108
        found += ["--cap-drop", "ALL", "--cap-add", "SETUID", "--cap-add", "SETGID"]
        found += ["--security-opt", "no-new-privileges", *self.own]
        found += ["--memory", str(2 * limits.memory_bytes)]
        found += ["--pids-limit", str(limits.processes + _SPARE)]
        found += [
            "--ulimit",
            f"nofile={limits.open_files}",
            "--ulimit",
            "nproc=4096",
            "--ulimit",
            "core=0",
        ]
        for path in view.files:
            found += ["--volume", f"{path}:{path}:ro"]
        for path in (*view.hidden, "/run", "/sys"):
            found += ["--tmpfs", f"{path}:{self.closed}"]
        found += ["--tmpfs", f"/tmp:rw,nosuid,nodev,size={limits.disk_bytes},mode=1777"]  # noqa: S108
        found += ["--entrypoint", runtime.executable, _image(engine, view)]
        python = [runtime.executable, *PYTHON_OPTIONS]
        return [*found, *PYTHON_OPTIONS, "-c", _AFRESH, *python, "-c", boot]

    def environment(self) -> dict[str, str]:
        """The caller's own: by it engines find their images. It ends where the container begins."""
        return dict(os.environ)


PODMAN = Engine(
    "podman",
    # without these it makes folders that can be written, and files of hosts and users
    ("--read-only-tmpfs=false", "--no-hosts", "--passwd=false"),
    "ro,size=4k,notmpcopyup",  # else the empty folder begins with all that it covers
)
DOCKER = Engine("docker", (), "ro,size=4k")


@cache
def _image(engine: str, view: View) -> str:
    """The name of the image for a view, which is made where the engine does not have it yet."""
    layer = _layer(view)
    name = f"{_IMAGE}:{hashlib.sha256(layer).hexdigest()[:16]}"
    if _asked(engine, ["image", "inspect", name]) is None:
        return name
    if (problem := _asked(engine, ["import", "-", name], layer)) is not None:
        raise HarnessError(f"{engine} cannot make an image: {problem}")
    return name


def _layer(view: View) -> bytes:
    """A tar archive of the view's links, and of the folders that lead to all that it shows."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        folders = dict.fromkeys(folders_over([*view.files, *view.links]), 0o755)
        for folder, mode in {**folders, "/tmp": 0o1777}.items():  # noqa: S108
            if folder not in view.links:
                entry = tarfile.TarInfo(folder.lstrip("/"))
                entry.type, entry.mode = tarfile.DIRTYPE, mode
                archive.addfile(entry)
        for link, target in zip(view.links, view.targets, strict=True):
            entry = tarfile.TarInfo(link.lstrip("/"))
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return layer.getvalue()


def _asked(engine: str, words: list[str], said: bytes = b"") -> str | None:
    """None where the engine did it, else its last words."""
    try:
        subprocess.run(
            [engine, *words], input=said, capture_output=True, check=True, timeout=_PATIENCE_S
        )
    except subprocess.CalledProcessError as error:
        return str(error.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2])
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    return None
