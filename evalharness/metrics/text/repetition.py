"""Does an answer repeat itself? `repetition.distinct_1`, `.distinct_2`, `.fourgrams`, `.loop`."""

from __future__ import annotations

from typing import Final

import numpy as np

from evalharness.core.measures import About, Direction, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import Judge, text_metric

FEWEST_TURNS: Final = 3
"""How often a run of words must stand at the end, one after the other, to be a loop."""
LONGEST_LOOP: Final = 200
"""Words of the longest run that is looked for."""


def distinct(words: list[str], n: int) -> float:
    """Different n-grams over n-grams, in 0…1; NaN where there is none."""
    total = len(words) - n + 1
    if total < 1:
        return float("nan")
    return len(set(zip(*(words[i:] for i in range(n)), strict=False))) / total


def looping(words: list[str]) -> float:
    """The share of the words that a loop at the end takes up, in 0…1; 0 without one.

    A loop is a run of 1 to LONGEST_LOOP words that stands FEWEST_TURNS times or more at the end;
    the last turn may be cut off, as a limit on tokens does.
    """
    number = len(words)
    codes: dict[str, int] = {}
    found = np.array([codes.setdefault(word, len(codes)) for word in words], np.int64)
    longest = 0
    for period in range(1, min(LONGEST_LOOP, number // FEWEST_TURNS) + 1):
        if found[-1] != found[-1 - period]:
            continue
        differs = np.flatnonzero(found[period:] != found[:-period])
        start = 0 if not len(differs) else int(differs[-1]) + 1
        if number - start >= FEWEST_TURNS * period:
            longest = max(longest, number - start)
    return longest / number if number else 0.0


def _words(answer: str) -> list[str]:
    return answer.casefold().split()


def _fourgrams(_prompt: Prompt, answer: str) -> float:
    return 1.0 - distinct(_words(answer), 4)


def _loop(_prompt: Prompt, answer: str) -> float:
    return looping(_words(answer))


def _distinct(n: int, what: str) -> OutputMetric:
    def judge(_prompt: Prompt, answer: str) -> float:
        return distinct(_words(answer), n)

    return _metric(
        f"distinct_{n}",
        f"Different {what}",
        judge,
        "higher",
        About(
            measures=f"How varied the {what} of an answer are.",
            range="0…1; no number for answers that have none",
            recipe=f"different {what} over all {what}, case aside",
            source="Li et al. 2016 (distinct-n, arXiv:1510.03055)",
            limits="Falls with length by itself: compare answers of like length.",
        ),
    )


def _metric(
    name: str, title: str, judge: Judge, direction: Direction, about: About
) -> OutputMetric:
    return text_metric(f"repetition.{name}", title, judge, about, direction=direction)


DISTINCT_1 = _distinct(1, "words")
DISTINCT_2 = _distinct(2, "pairs of words")
FOURGRAMS = _metric(
    "fourgrams",
    "Repeated 4-grams",
    _fourgrams,
    "lower",
    About(
        measures="How much of an answer stands in it before.",
        range="0…1; no number below four words",
        recipe="1 − different runs of four words over all such runs, case aside",
        source="Welleck et al. 2020 (seq-rep-4, arXiv:1908.04319)",
        limits="Refrains, tables and code repeat with reason.",
    ),
)
LOOP = _metric(
    "loop",
    "Ends in a loop",
    _loop,
    "lower",
    About(
        measures="How much of an answer is a loop that it fell into and did not leave.",
        range="0…1; 0 without a loop",
        recipe=f"the share of its words in a run (up to {LONGEST_LOOP} words) that stands at least "
        f"{FEWEST_TURNS} times at the end, one after the other; the last may be cut off",
        source="this project",
        limits="A loop without white space, or with one number counted up, is not seen.",
    ),
)
