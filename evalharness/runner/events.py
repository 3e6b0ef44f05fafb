"""What a child tells its parent, and what the engine tells of a child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from evalharness.core.outcomes import Status


@dataclass(frozen=True, slots=True)
class Loaded:
    """The child's model or network stands ready, after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answered:
    """A job was answered; its answer is not durable yet."""

    key: str


@dataclass(frozen=True, slots=True)
class Stored:
    """These pieces of work (job or feature keys) are durable, with their statuses."""

    keys: tuple[str, ...]
    statuses: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """The child cannot go on; `fatal` means that no other child could either (a full disk)."""

    reason: str
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The child did all it was given."""


@dataclass(frozen=True, slots=True)
class Died:
    """The child ended in the middle of a job; `status` says how to record that job."""

    reason: str
    status: Status


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing a self-test tried of an instrument, and how it came out."""

    what: str
    passed: bool
    found: str


Event: TypeAlias = Loaded | Answered | Stored | Checked | Broken | Finished | Died
Send: TypeAlias = Callable[[Event], None]
