"""The process a program runs in: first the program, then its tests, then a word that only now
exists.

The tests come once the program has been read, and the word once they have run to their end, so
neither can be read or told beforehand. A program that is written against this very protocol can
still take both from its pipes: tests and program share a process, as functions under test must.
"""

from __future__ import annotations

import builtins
import os
import sys
import types

from evalharness.extractors.code.inside import answers, walls
from evalharness.extractors.code.inside.frames import read_frame

TYPE_CHECKING = False  # typing itself takes longer to import than many a program to run
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

PROGRAM, TESTS = "answer.py", "tests.py"
BROKEN = "broken"
TOLD = frozenset({"failed", "exited", "memory", BROKEN})
"""How a program may say itself that it ended; the last means that the harness is at fault."""

READY, TESTS_ASKED, DONE, PASSED = WORDS = [b"ready", b"tests", b"done", b"passed"]
"""What it says on its way, in this order: its walls stand, it has been read, so have its tests."""

_SHOWN = 600


def main(job: dict[str, Any], out: int, err: int, tell: int, hear: int) -> NoReturn:
    """Wall this process in, run the job's program in it, end it."""
    try:
        tell, hear = _take_places(out, err, tell, hear)
        walls.limit(job["limits"])
        walls.forbid_calls()
        os.write(tell, READY + b"\n")
    except BaseException as error:
        # told as the harness's own fault, not the program's
        _tell(os.write, tell, [BROKEN, f"{type(error).__name__}: {error}"])
        os._exit(1)
    _forget_the_harness()
    _run(job, tell, hear)


def _take_places(out: int, err: int, tell: int, hear: int) -> tuple[int, int]:
    """Streams of its own, in a session of its own; nothing else of the warden's stays open."""
    os.setsid()
    tell, hear = os.dup(tell), os.dup(hear)
    nothing = os.open("/dev/null", os.O_RDONLY)
    for theirs, place in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(theirs, place)
    for descriptor in range(3, max(tell, hear) + 1):
        if descriptor not in (tell, hear):
            try:
                os.close(descriptor)
            except OSError:
                continue  # none of that number
    return tell, hear


def _forget_the_harness() -> None:
    """The names by which a program could take hold of this code."""
    for name in [name for name in sys.modules if name.startswith("evalharness.")]:
        del sys.modules[name]


def _run(
    job: dict[str, Any],
    tell: int,
    hear: int,
    # held here, whatever the program puts in their places
    write: Callable[[int, bytes], int] = os.write,
    leave: Callable[[int], NoReturn] = os._exit,
    read: Callable[[int], bytes] = read_frame,
) -> NoReturn:
    untouched = dict(vars(builtins))
    module = types.ModuleType("answer")
    sys.modules["answer"] = module
    entry_point = job["entry_point"]
    lines: dict[str, list[str]] = {}
    try:
        source = _source(job)
        lines[PROGRAM] = source.split("\n")
        exec(compile(source, PROGRAM, "exec", dont_inherit=True), module.__dict__)
        write(tell, TESTS_ASKED + b"\n")
        tests = read(hear).decode("utf-8", "surrogatepass")
        lines[TESTS] = tests.split("\n")
        vars(builtins).update(untouched)
        sys.settrace(None)
        sys.setprofile(None)
        if entry_point and not callable(module.__dict__.get(entry_point)):
            raise LookupError(f"the answer defines no {entry_point!r} that can be called")
        exec(compile(tests, TESTS, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:
        vars(builtins).update(untouched)
        _flush()  # before the warden, who is told of the end, may end what is left
        _tell(write, tell, _ending(error, lines))
    else:
        _flush()
        write(tell, DONE + b"\n")
        write(tell, PASSED + b" " + read(hear) + b"\n")
    _flush()
    leave(0)


def _source(job: dict[str, Any]) -> str:
    """The program itself, or as an answer to the job's prefix means it."""
    if job["prefix"] is None:
        return str(job["source"])
    return answers.program_of(job["source"], job["prefix"], job["entry_point"])


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: S112  the program may have closed it, or put its own there
            continue


def _tell(write: Callable[[int, bytes], int], tell: int, ending: list[str]) -> None:
    words = [word.encode("utf-8", "backslashreplace").hex().encode() for word in ending]
    write(tell, b"ended " + b" ".join(words) + b"\n")


def _ending(error: BaseException, lines: dict[str, list[str]]) -> list[str]:
    if isinstance(error, SystemExit):
        return ["exited", "left before its tests had been run to their end"]
    try:
        words = str(error)[:_SHOWN]
    except BaseException:
        words = ""  # an error of the program's own making
    named = type.__dict__["__name__"].__get__(type(error))
    message = f"{named}: {words}".rstrip(": ") + _place(error, lines)
    return ["memory" if isinstance(error, MemoryError) else "failed", message]


def _place(error: BaseException, lines: dict[str, list[str]]) -> str:
    """Where it happened: the last line of the tests or, without one, of the program."""
    found: dict[str, int] = {}
    if isinstance(error, SyntaxError) and error.filename in lines and error.lineno:
        found[error.filename] = error.lineno
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file in lines:
            found[file] = trace.tb_lineno
        trace = trace.tb_next
    for file in (TESTS, PROGRAM):
        if file in found:
            line = found[file]
            text = lines[file][line - 1].strip() if line <= len(lines[file]) else ""
            return f" ({file}, line {line}: {text[:_SHOWN]})"
    return ""
