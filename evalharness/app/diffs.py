"""Two texts word by word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from evalharness.board.answers.marks import Mark
from evalharness.core.nouns import Json

LONGEST_DIFF = 20_000
"""Characters of texts beyond which words are not compared one by one: that is quadratic."""


def words_apart(first: str, second: str) -> Iterator[tuple[str, str]]:
    """Both texts as one row of pieces: equal, delete (of the first alone), insert (of the second).

    The pieces that are not inserted make up the first text, those not deleted the second.
    """
    if len(first) + len(second) > LONGEST_DIFF:
        yield first, "delete"
        yield second, "insert"
        return
    one, other = _words(first), _words(second)
    for how, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if how == "equal":
            yield "".join(one[a:b]), "equal"
            continue
        if a < b:
            yield "".join(one[a:b]), "delete"
        if c < d:
            yield "".join(other[c:d]), "insert"


def _words(text: str) -> list[str]:
    """Words and what stands between them, so that nothing is lost."""
    found: list[str] = []
    for character in text:
        if found and found[-1][-1].isspace() == character.isspace():
            found[-1] += character
        else:
            found.append(character)
    return found


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
