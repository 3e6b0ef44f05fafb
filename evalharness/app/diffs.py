"""Two texts word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby, pairwise, takewhile
from typing import TypeAlias

from evalharness.board.answers.marks import Mark
from evalharness.core.nouns import Json

Word: TypeAlias = tuple[str, str]
"""What stands before a word, and the word: blanks that were words of their own would be equal to
each other everywhere."""
MOST_PAIRS = 50_000
"""Pairs of equal words beyond which words are not compared one by one.

Two texts of 6,000 characters of prose have about 5,000; only texts that repeat themselves have
more, and those can take a second from twice as many on and half a minute at a million.
"""


def words_apart(first: str, second: str) -> Iterator[tuple[str, str]]:
    """Both texts as one row of pieces: equal, delete (of the first alone), insert (of the second).

    The pieces that are not inserted make up the first text, those not deleted the second. Words are
    equal whatever blanks stand before them; blanks that differ are pieces of their own. Of texts
    with too many equal words only their common beginning and end are equal.
    """
    one, other = _words(first), _words(second)
    for equal, pieces in groupby(_apart(one, other), lambda piece: piece[1] == "equal"):
        found = list(pieces)
        for kind in ("equal",) if equal else ("delete", "insert"):
            text = "".join(text for text, how in found if how == kind)
            if text:
                yield text, kind


def _apart(one: Sequence[Word], other: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Every word and every blank that differs alone; there are empty ones among them."""
    for how, a, b, c, d in _changes([word for _, word in one], [word for _, word in other]):
        if how == "equal":
            for was, now in zip(one[a:b], other[c:d], strict=True):
                yield from _with_blanks(was, now)
            continue
        yield "".join(map("".join, one[a:b])), "delete"
        yield "".join(map("".join, other[c:d])), "insert"


def _with_blanks(was: Word, now: Word) -> Iterator[tuple[str, str]]:
    """A word that both have."""
    if was == now:
        yield "".join(was), "equal"
        return
    yield was[0], "delete"
    yield now[0], "insert"
    yield was[1], "equal"


def _changes(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """What difflib finds between the common beginning and end, or that all of it is another where
    it would look for too long."""
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    stop, last = len(one) - end, len(other) - end
    yield "equal", 0, start, 0, start
    often = Counter(other[start:last])
    if sum(times * often[word] for word, times in Counter(one[start:stop]).items()) > MOST_PAIRS:
        yield "replace", start, stop, start, last
    else:
        found = SequenceMatcher(None, one[start:stop], other[start:last], autojunk=False)
        for how, *edges in found.get_opcodes():
            a, b, c, d = (start + edge for edge in edges)
            yield how, a, b, c, d
    yield "equal", stop, len(one), last, len(other)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    return sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(one, other, strict=False)))


def _words(text: str) -> list[Word]:
    """All of a text; blanks at its end stand before an empty word."""
    return [(one[1], one[2]) for one in re.finditer(r"(\s*)(\S*)", text) if one[0]]


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
