"""The app's own server on a free loopback port, in a process of its own that ends by itself."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SERVE = (
    "import sys; from pathlib import Path; from evalharness.app.launch import serve; "
    "serve(sys.argv[1], port=int(sys.argv[2]), sign_in=Path(sys.argv[3]) if sys.argv[3:] else None)"
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    root: Path, port: int | None = None, sign_in: Path | None = None
) -> Iterator[tuple[str, int]]:
    """The address of an app over a store, and its process's id."""
    port = port or free_port()
    command = [
        sys.executable,
        "-c",
        _SERVE,
        str(root),
        str(port),
        *([str(sign_in)] * bool(sign_in)),
    ]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert child.stdout is not None
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_up(child, address)
        yield address, child.pid
        child.terminate()
        child.wait(20)
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def _wait_until_up(child: subprocess.Popen[bytes], address: str) -> None:
    for _ in range(900):
        if child.poll() is not None:
            assert child.stdout is not None
            raise AssertionError(child.stdout.read().decode())
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the app did not come up within 90 s")
