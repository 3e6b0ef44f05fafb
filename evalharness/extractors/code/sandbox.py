"""Runs a program with its tests, walled in, and tells how it ended. Never in this process."""

from __future__ import annotations

import ast
import marshal
import os
import secrets
import select
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from evalharness.core.errors import HarnessError
from evalharness.extractors.code.inside.frames import framed
from evalharness.extractors.code.isolation import Isolation
from evalharness.extractors.code.limits import ENDINGS, Limits, Ran
from evalharness.extractors.code.runtime import find_runtime

_INSIDE = "evalharness.extractors.code.inside"
_PARTS = ("frames", "usage", "walls", "namespaces", "answers", "program", "warden")
"""What is sent into the sandbox, each after those it imports."""

_BOOT = f"""
import ast
import marshal, os, sys, types
def take(count):
    found = b""
    while len(found) < count:
        more = os.read(0, count - len(found))
        found += more or sys.exit("the harness has gone")
    return found
for name, code in marshal.loads(take(int.from_bytes(take(4), "big"))):
    module = sys.modules[name] = types.ModuleType(name)
    exec(code, module.__dict__)
sys.modules["{_INSIDE}.warden"].main()
"""

_GRACE_S = 30.0
"""How long beyond its time a sandbox may take to stand and to fall, on a busy machine."""

_FALL_S = 5.0
_REPORT_BYTES = 2**20
_LIMITS = Limits()
_FIRST_USER, _USERS = 0x70000000, 0x0FFFFFFF
"""Where root gives up its rights, each sandbox is a user of its own: processes are counted by user,
and nobody real has such a number."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A way that works here. `run` may be called from several threads at once."""

    isolation: Isolation

    def run(
        self,
        source: str,
        tests: str = "",
        entry_point: str = "",
        limits: Limits = _LIMITS,
        *,
        prefix: str | None = None,
    ) -> Ran:
        """Run Python source, then in its namespace its tests; `entry_point` must be in there.

        With a `prefix` (which may be empty) `source` is a model's answer to it, and the program is
        what `inside.answers` finds in that. A program passes only where `tests` ran to their end.
        It is read as a module of the name `answer`, so what stands under
        `if __name__ == "__main__"` is left out. Raises HarnessError where the sandbox itself did
        not do its work, which says nothing about the program.
        """
        view = self.isolation.view(find_runtime())
        token = secrets.token_hex(16)
        job = {
            "limits": asdict(limits),
            "view": view,
            "user": _FIRST_USER + secrets.randbelow(_USERS),
            "source": source,
            "prefix": prefix,
            "entry_point": entry_point,
        }
        said = b"".join(
            framed(part)
            for part in (
                _inside(),
                marshal.dumps(job),
                marshal.dumps({"tests": tests, "token": token}),
            )
        )
        report = self._report(said, limits)
        if report.get("token") != token or report["status"] not in ENDINGS:
            problem = report.get("message") or "no report came back"
            raise HarnessError(f"The {self.isolation.name} sandbox did not run: {problem}.")
        return Ran(*(report[name] for name in Ran.__slots__))

    def _report(self, said: bytes, limits: Limits) -> dict[str, Any]:
        command = self.isolation.command(find_runtime(), limits, _BOOT)
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.isolation.environment(),
            cwd="/",
            start_new_session=True,
        ) as process:
            try:
                out, err = _converse(process, said, limits.wall_s + _GRACE_S)
                with suppress(subprocess.TimeoutExpired):
                    # it ends once every process inside has: nothing is left when this returns
                    process.wait(_FALL_S)
            finally:
                process.kill()
        try:
            report = ast.literal_eval(out.decode("ascii"))
        except (ValueError, SyntaxError):
            lines = err.decode("utf-8", "replace").strip().splitlines()
            # below its error docker names its help
            told = [line for line in lines if line and not line.startswith("Run 'docker")]
            return {"message": " ".join(told[-1:]) or f"it ended with code {process.returncode}"}
        return report if isinstance(report, dict) else {}


def _converse(process: subprocess.Popen[bytes], said: bytes, most_s: float) -> tuple[bytes, bytes]:
    """Say all of it and listen to the end, without ever closing the warden's standard input."""
    assert process.stdin and process.stdout and process.stderr
    to, heard = process.stdin.fileno(), {process.stdout.fileno(): b"", process.stderr.fileno(): b""}
    poll, listening = select.poll(), set(heard)
    os.set_blocking(to, False)
    poll.register(to, select.POLLOUT)
    for descriptor in listening:
        poll.register(descriptor, select.POLLIN)
    deadline = time.monotonic() + most_s
    while listening and (left := deadline - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(1000 * left):
            if descriptor == to:
                said = _said(to, said)
                if not said:
                    poll.unregister(to)
            elif more := os.read(descriptor, 2**16):
                heard[descriptor] = (heard[descriptor] + more)[-_REPORT_BYTES:]
            else:
                listening.discard(descriptor)
                poll.unregister(descriptor)
    out, err = heard.values()
    return out, err


def _said(to: int, said: bytes) -> bytes:
    """What is left to say; nothing, where nobody listens any more."""
    try:
        return said[os.write(to, said) :]
    except BlockingIOError:
        return said
    except OSError:
        return b""


@cache
def _inside() -> bytes:
    """What runs inside, as byte code of this very Python: a place for the folder, then its parts.

    Sent, so that nothing of the package need be seen from inside, nor read by who runs there.
    """
    parts = [(_INSIDE, compile("", _INSIDE, "exec"))]
    for name in _PARTS:
        source = files(_INSIDE).joinpath(f"{name}.py").read_text("utf-8")
        parts.append((f"{_INSIDE}.{name}", compile(source, f"<{name}>", "exec")))
    return marshal.dumps(parts)
