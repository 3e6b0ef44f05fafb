"""Two texts word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise, takewhile

from evalharness.board.answers.marks import Mark
from evalharness.core.nouns import Json

MOST_PAIRS = 50_000
"""Pairs of equal words beyond which words are not compared one by one.

Two texts of 6,000 characters of prose have about 5,000; only texts that repeat themselves have
more, and those can take a second from twice as many on and half a minute at a million.
"""


def words_apart(first: str, second: str) -> Iterator[tuple[str, str]]:
    """Both texts as one row of pieces: equal, delete (of the first alone), insert (of the second).

    The pieces that are not inserted make up the first text, those not deleted the second. Of texts
    with too many equal words only their common beginning and end are equal.
    """
    one, other = _words(first), _words(second)
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    if start:
        yield "".join(one[:start]), "equal"
    yield from _middle(one[start : len(one) - end], other[start : len(other) - end])
    if end:
        yield "".join(one[len(one) - end :]), "equal"


def _middle(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, str]]:
    for how, a, b, c, d in _changes(one, other):
        if how == "equal":
            yield "".join(one[a:b]), "equal"
            continue
        if a < b:
            yield "".join(one[a:b]), "delete"
        if c < d:
            yield "".join(other[c:d]), "insert"


def _changes(one: Sequence[str], other: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """What difflib finds, or that everything is another where it would look for too long."""
    often = Counter(other)
    if sum(times * often[word] for word, times in Counter(one).items()) > MOST_PAIRS:
        return [("replace", 0, len(one), 0, len(other))]
    return SequenceMatcher(None, one, other, autojunk=False).get_opcodes()


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(one, other, strict=False)))


def _words(text: str) -> list[str]:
    """Words, each with what stands before it, so that nothing is lost: blanks that were words of
    their own would be equal to each other everywhere."""
    return re.findall(r"\s*\S+|\s+", text)


def with_marks(parts: Iterable[tuple[str, str]], found: Sequence[Mark]) -> list[Json]:
    """Pieces (text, kind) that make up a text, parted again where marks begin and end."""
    edges = sorted({edge for one in found for edge in (one.start, one.end)})
    made: list[Json] = []
    at = 0
    for text, kind in parts:
        stop = at + len(text)
        for start, end in _between(at, stop, edges):
            mark = next((one for one in found if one.start <= start < one.end), None)
            name = "" if mark is None else "right" if mark.right else "wrong"
            made.append({"text": text[start - at : end - at], "kind": kind, "mark": name})
        at = stop
    return made


def _between(start: int, stop: int, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    inner = [start, *(edge for edge in edges if start < edge < stop), stop]
    yield from pairwise(inner)
