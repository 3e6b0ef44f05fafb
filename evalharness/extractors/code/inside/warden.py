"""The sandbox's first process: it starts the program, watches it, and tells how it ended.

The harness holds the other end of its standard input; when that closes the warden ends, and with
a namespace's first process the kernel ends all others in it.
"""

from __future__ import annotations

import marshal
import os
import select
import time

from evalharness.extractors.code.inside import namespaces, program, walls
from evalharness.extractors.code.inside.frames import framed, read_frame
from evalharness.extractors.code.inside.usage import used

TYPE_CHECKING = False  # as in `program`
if TYPE_CHECKING:
    from typing import Any

_TICK_S = 0.02
_TAIL_BYTES = 4000
_MESSAGE_BYTES = 2**16


def main() -> None:
    """Build or finish the walls, run the program of the second frame, report, end everything."""
    job = marshal.loads(read_frame(0))
    if job["view"] is not None:
        namespaces.enter(job["view"], job["limits"]["disk_bytes"])
    # where memory runs out on the whole machine, the kernel is to take the program
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    walls.drop_privileges(job["user"])
    walls.be_unreadable()
    os.chdir("/tmp")
    out, err, tell, hear = os.pipe(), os.pipe(), os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        program.main(job, out[1], err[1], tell[1], hear[0])
    for theirs in (out[1], err[1], tell[1], hear[0]):
        os.close(theirs)
    secret = marshal.loads(read_frame(0))
    watch = _Watch(job["limits"], secret, child, out[0], err[0], tell[0], hear[1])
    report = {**watch.until_the_end(), "token": secret["token"]}
    os.write(1, ascii(report).encode())
    os._exit(0)


class _Stream:
    """What a program writes to one of its streams: how much, and the end of it."""

    def __init__(self) -> None:
        self.count = 0
        self.tail = b""

    def add(self, written: bytes) -> None:
        self.count += len(written)
        self.tail = (self.tail + written)[-_TAIL_BYTES:]


class _Watch:
    """The program while it runs; it is not over before something has given it an ending."""

    def __init__(
        self,
        limits: dict[str, Any],
        secret: dict[str, str],
        child: int,
        out: int,
        err: int,
        tell: int,
        hear: int,
    ) -> None:
        self._limits = limits
        self._secret = secret
        self._child = child
        self._hear = hear
        self._streams = {out: _Stream(), err: _Stream()}
        self._tell = tell
        self._told = b""
        self._heard: list[bytes] = []
        self._to_say = b""
        self._key = os.urandom(16).hex()
        self._ending: tuple[str, str] | None = None
        self._exit: int | None = None
        self._poll = select.poll()
        self._open = {out, err, tell}
        for readable in (*self._open, 0):
            self._poll.register(readable, select.POLLIN)
        for each in (out, err, tell, hear):
            os.set_blocking(each, False)

    def until_the_end(self) -> dict[str, object]:
        """Watch until the program has ended, or is to be ended; the report on it."""
        started = time.monotonic()
        while self._ending is None:
            # a program of a few milliseconds is not to wait for a tick of the clock
            ready = self._poll.poll(1000 * _TICK_S)
            self._listen([descriptor for descriptor, _ in ready])
            self._say()
            self._look(time.monotonic() - started)
            if self._ending is None and self._exit is not None:
                self._listen(list(self._open))
                self._ending = self._ending or _left(self._exit)
        seconds = time.monotonic() - started
        self._drain()
        status, message = self._ending
        out, err = (s.tail.decode("utf-8", "replace") for s in self._streams.values())
        return {
            "status": status,
            "message": message,
            "stdout": out,
            "stderr": err,
            "seconds": seconds,
        }

    def _listen(self, ready: list[int]) -> None:
        for descriptor in ready:
            if descriptor == 0:
                os._exit(1)  # the harness says nothing more, so it has gone
            found = _read(descriptor)
            if found == b"":
                self._open.discard(descriptor)
                self._poll.unregister(descriptor)
            elif found and descriptor == self._tell:
                self._hear_out(found)
            elif found:
                self._streams[descriptor].add(found)

    def _hear_out(self, found: bytes) -> None:
        *lines, self._told = (self._told + found).split(b"\n")
        if len(self._told) > _MESSAGE_BYTES:
            self._ending = ("failed", "it wrote to what was not its own")
        for line in lines:
            word, _, rest = line.partition(b" ")
            if word == b"ended" and self._ending is None:
                self._ending = _as_told(rest, begun=self._heard != [])
            # each once and in their order: what asks again and again would fill this process
            elif program.WORDS[len(self._heard) : len(self._heard) + 1] == [word]:
                self._heard.append(word)
                self._answer(word, rest)

    def _answer(self, word: bytes, rest: bytes) -> None:
        if word == program.TESTS_ASKED:
            self._to_say += framed(self._secret["tests"].encode("utf-8", "surrogatepass"))
        elif word == program.DONE:
            self._to_say += framed(self._key.encode())
        elif word == program.PASSED and rest.decode("ascii", "replace") == self._key:
            self._ending = self._ending or ("passed", "")

    def _say(self) -> None:
        """Send what waits, as far as the pipe takes it: the program need not be listening."""
        if self._to_say:
            try:
                self._to_say = self._to_say[os.write(self._hear, self._to_say) :]
            except BlockingIOError:
                pass
            except OSError:
                self._to_say = b""

    def _look(self, seconds: float) -> None:
        """See who ended, and whether all of them together keep to the limits."""
        self._reap()
        if self._ending is not None:
            return
        limits = self._limits
        written = sum(stream.count for stream in self._streams.values())
        if written > limits["output_bytes"]:
            self._ending = ("output", f"wrote more than {limits['output_bytes']:,} bytes")
        elif seconds > limits["wall_s"]:
            self._ending = ("timeout", f"ran for more than {limits['wall_s']:g} seconds")
        elif seconds > _TICK_S:
            self._weigh()

    def _weigh(self) -> None:
        limits = self._limits
        held, worked = used()
        disk = os.statvfs("/tmp")
        if held > limits["memory_bytes"]:
            self._ending = ("memory", f"held more than {limits['memory_bytes'] / 2**20:.0f} MiB")
        elif worked > limits["cpu_s"]:
            self._ending = ("timeout", f"computed for more than {limits['cpu_s']} seconds")
        elif disk.f_files - disk.f_ffree > limits["files"]:
            self._ending = ("files", f"made more than {limits['files']:,} files")

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._child:
                self._exit = os.waitstatus_to_exitcode(status)

    def _drain(self) -> None:
        """Take what is in the streams already; more may come for as long as the program lives."""
        for descriptor, stream in self._streams.items():
            if found := _read(descriptor):
                stream.add(found)


def _read(descriptor: int) -> bytes | None:
    """What can be read at once: None if nothing waits, empty if all writers have gone."""
    try:
        return os.read(descriptor, 2**16)
    except BlockingIOError:
        return None


def _as_told(rest: bytes, *, begun: bool) -> tuple[str, str]:
    """The ending that a program tells of; once it has `begun` nothing is the harness's fault."""
    try:
        status, message = (bytes.fromhex(word.decode()).decode() for word in rest.split(b" "))
    except ValueError:
        return "failed", "it wrote to what was not its own"
    told = status in program.TOLD and not (begun and status == program.BROKEN)
    return (status if told else "failed"), message


def _left(code: int) -> tuple[str, str]:
    """The ending of a program that went without a word."""
    if code == -24:  # SIGXCPU
        return "timeout", "computed for too long"
    if code < 0:
        return "crashed", f"killed by signal {-code}"
    return "exited", f"left with code {code} before its tests had been run to their end"
