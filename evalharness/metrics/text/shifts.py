"""TER's edits of short answers, as sacrebleu counts them and five times as fast.

Sentence TER would otherwise be the only text metric below some thousand answers a second. The
search is Tercom's (Snover et al. 2006) as sacrebleu has it, tie-breaks included: of shifts only the
distances are compared, and those rapidfuzz finds in a microsecond. Up to LONGEST words sacrebleu's
beam cuts nothing off, so that both give the same number; the tests compare them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rapidfuzz.distance import Levenshtein

LONGEST: Final = 24
"""Words of answer and reference up to which the beam of 25 holds the whole table."""
MOST_CANDIDATES: Final = 1000
LONGEST_SHIFT: Final = 10

Words = str
"""A letter for every word: texts are cut, joined and compared faster than lists."""
Shift = tuple[int, int, int, int, Words]
"""Edits saved, words moved, and (negative, so that the earliest is the greatest) from and to."""


def edits(answer: list[str], expected: list[str]) -> int:
    """The fewest edits and shifts that Tercom's greedy search finds; both up to LONGEST words."""
    if not expected:
        return len(answer)
    letters: dict[str, str] = {}
    words, reference = (
        "".join([letters.setdefault(word, chr(len(letters))) for word in text])
        for text in (answer, expected)
    )
    shifts, tried = 0, 0
    distance = Levenshtein.distance(words, reference)
    while distance:
        best, tried = _best_shift(words, reference, distance, tried)
        if tried >= MOST_CANDIDATES or best is None or best[0] <= 0:
            break
        shifts += 1
        words = best[4]
        distance = Levenshtein.distance(words, reference)
    return shifts + distance


def _best_shift(
    words: Words, reference: Words, distance: int, tried: int
) -> tuple[Shift | None, int]:
    place, wrong_reference, wrong = _aligned(words, reference)
    best: Shift | None = None
    for start, at, length in _common_runs(words, reference):
        if not any(wrong[start : start + length]) or not any(wrong_reference[at : at + length]):
            continue
        if start <= place[at] < start + length:
            continue
        before = -1
        for offset in range(at - 1, at + length):
            target = 0 if offset == -1 else place[offset] + 1
            if target == before:
                continue
            before = target
            moved = _moved(words, start, length, target)
            saved = distance - Levenshtein.distance(moved, reference)
            candidate = (saved, length, -start, -target, moved)
            tried += 1
            if best is None or candidate > best:
                best = candidate
        if tried >= MOST_CANDIDATES:
            break
    return best, tried


def _common_runs(words: Words, reference: Words) -> Iterator[tuple[int, int, int]]:
    """(from, to, length) of every run of up to LONGEST_SHIFT words that both have."""
    for start, word in enumerate(words):
        at = reference.find(word)
        while at >= 0:
            longest = min(LONGEST_SHIFT, len(words) - start, len(reference) - at)
            for length in range(longest):
                if words[start + length] != reference[at + length]:
                    break
                yield start, at, length + 1
            at = reference.find(word, at + 1)


def _moved(words: Words, start: int, length: int, target: int) -> Words:
    run, rest = words[start : start + length], words[:start] + words[start + length :]
    if target < start:
        place = target
    elif target > start + length:
        place = target - length
    else:  # within the run itself: it goes on by as many words as it was entered
        place = target
    return rest[:place] + run + rest[place:]


def _aligned(words: Words, reference: Words) -> tuple[list[int], list[bool], list[bool]]:
    """Where each word of the reference stands in the answer, and which words of each are wrong.

    Ties are broken as sacrebleu does: keep or replace, else drop a word, else put one in.
    """
    columns = len(reference) + 1
    table = [list(range(columns))]
    for i, word in enumerate(words, start=1):
        above, row = table[-1], [i] * columns
        left = i
        for j, other in enumerate(reference, start=1):
            best = above[j - 1] + (word != other)
            if above[j] + 1 < best:  # noqa: PLR1730
                best = above[j] + 1
            if left + 1 < best:  # noqa: PLR1730 (min() doubles the time)
                best = left + 1
            row[j] = left = best
        table.append(row)
    place, wrong_reference, wrong = (
        [0] * len(reference),
        [True] * len(reference),
        [True] * len(words),
    )
    i, j = len(words), len(reference)
    while i or j:
        here = table[i][j]
        same = i > 0 and j > 0 and words[i - 1] == reference[j - 1]
        if i and j and here == table[i - 1][j - 1] + (not same):
            i, j = i - 1, j - 1
            place[j], wrong[i], wrong_reference[j] = i, not same, not same
        elif i and here == table[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
            place[j] = i - 1
    return place, wrong_reference, wrong
