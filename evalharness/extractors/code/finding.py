"""Which sandbox works on this machine: told by a program that tries the walls it should meet."""

from __future__ import annotations

from functools import cache

from evalharness.core.errors import HarnessError
from evalharness.extractors.code.engines import DOCKER, PODMAN
from evalharness.extractors.code.isolation import Bubblewrap, Isolation, Namespaces
from evalharness.extractors.code.runtime import find_runtime
from evalharness.extractors.code.sandbox import Sandbox

WAYS: tuple[Isolation, ...] = (Bubblewrap(), Namespaces(), PODMAN, DOCKER)
"""In the order in which they are tried: the tool that many others trust goes first, and what takes
half a second for every program last."""

_PROBE = """
import os, socket
def refused(act, *arguments):
    try:
        act(*arguments)
    except OSError:
        return True
    return False
def walled(shown):
    assert set(os.listdir("/")) <= set(shown), os.listdir("/")
    assert refused(open, "/etc/passwd") and refused(open, "/proc/1/environ")
    assert refused(open, "/written", "w") and refused(socket.socket)
    assert os.getuid() and os.getppid() == 1
    assert len([name for name in os.listdir("/proc") if name.isdigit()]) == 2
    open("/tmp/written", "w").close()
    if not os.fork():
        os._exit(0)
    assert os.wait()
"""
"""A program that tries the walls it should meet, and what every program may do."""


@cache
def find_sandbox(ways: tuple[Isolation, ...] = WAYS) -> Sandbox:
    """The first way that keeps a program in which tries its walls.

    Raises HarnessError, naming what each way lacks, where none does.
    """
    problems = []
    for isolation in ways:
        problem = isolation.missing() or try_walls(Sandbox(isolation))
        if problem is None:
            return Sandbox(isolation)
        problems.append(f"{isolation.name}: {problem}")
    raise HarnessError(
        "No sandbox works on this machine, and without one no program of a model is run ("
        + "; ".join(problems)
        + "). Install bubblewrap (`apt install bubblewrap`) and allow user namespaces, or run as "
        "root, or install podman or docker; in a container, give it the rights to make namespaces."
    )


def try_walls(sandbox: Sandbox) -> str | None:
    """Why a sandbox cannot be used here: it does not stand, or something is open in it."""
    view = find_runtime().view
    paths = [*view.files, *view.links, *view.devices, "/proc", "/tmp", "/dev"]  # noqa: S108
    shown = sorted({*(path.split("/")[1] for path in paths), *sandbox.isolation.brings})
    try:
        ran = sandbox.run(_PROBE, f"walled({shown!r})")
    except (HarnessError, OSError) as error:
        return str(error)
    return None if ran.status == "passed" else f"its walls are open: {ran.message or ran.status}"
