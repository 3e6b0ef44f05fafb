"""Regular expressions of a user's file, which must not hang the program that runs them."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Final

import regex

from evalharness.metrics.features import UnmeasurableError

SECONDS: Final = 0.5
"""How long one search may take; an ordinary one takes microseconds."""
PATIENCE: Final = 3
"""How often a pattern may run out of time before it is not tried again in this process."""

_slow: Counter[str] = Counter()


@lru_cache(maxsize=1024)
def compiled(pattern: str, flags: int = 0) -> regex.Pattern[str]:
    """The pattern; raises UnmeasurableError where it is none."""
    try:
        return regex.compile(pattern, flags)
    except regex.error as error:
        raise UnmeasurableError(
            f"{_shown(pattern)} is no regular expression: {error}. Correct the prompts' file."
        ) from error


def found(pattern: str, text: str, flags: int = 0) -> bool:
    """Whether `pattern` matches anywhere in `text`; raises UnmeasurableError as `count` does."""
    return count(pattern, text, flags, enough=1) > 0


def place_of(pattern: str, text: str) -> tuple[int, int] | None:
    """Where the first match of `pattern` begins and ends; raises UnmeasurableError as `count`."""
    if _slow[pattern] >= PATIENCE:
        raise _too_slow(pattern)
    try:
        match = compiled(pattern).search(text, timeout=SECONDS)
    except TimeoutError as error:
        _slow[pattern] += 1
        raise _too_slow(pattern) from error
    return None if match is None else match.span()


def count(pattern: str, text: str, flags: int = 0, *, enough: int | None = None) -> int:
    """How often `pattern` matches in `text`, counting up to `enough`.

    Raises UnmeasurableError where it is no regular expression, or backtracks for more than SECONDS:
    some patterns, such as (a|aa)+$, take twice as long for every letter more.
    """
    if _slow[pattern] >= PATIENCE:
        raise _too_slow(pattern)
    number = 0
    try:
        for _ in compiled(pattern, flags).finditer(text, timeout=SECONDS):
            number += 1
            if number == enough:
                break
    except TimeoutError as error:
        _slow[pattern] += 1
        raise _too_slow(pattern) from error
    return number


def _too_slow(pattern: str) -> UnmeasurableError:
    return UnmeasurableError(
        f"{_shown(pattern)} takes more than {SECONDS:g} s on an answer. Write it without nested "
        "repetitions, such as (a|aa)+."
    )


def _shown(pattern: str) -> str:
    return f"The pattern {pattern if len(pattern) <= 80 else pattern[:77] + '…'!r}"
