"""Messages between the harness, the warden and the program: a length, then so many bytes."""

from __future__ import annotations

import os


def framed(message: bytes) -> bytes:
    """A message with its length in front (4 bytes, the greatest first)."""
    return len(message).to_bytes(4, "big") + message


def read_frame(descriptor: int) -> bytes:
    """The next message; raises EOFError where the other side has gone."""
    return _read(descriptor, int.from_bytes(_read(descriptor, 4), "big"))


def _read(descriptor: int, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = os.read(descriptor, count - len(found))
        if not more:
            raise EOFError("the other side closed its pipe")
        found += more
    return found
