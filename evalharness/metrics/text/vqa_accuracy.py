"""Short answers to questions about pictures: `vqa_accuracy`, the official measure of VQA v2."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from evalharness.core.measures import About
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import accepted, expects, text_metric

_NUMBERS: Final = {
    "none": "0",
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
}
FEWEST_PEOPLE: Final = 3
"""So many people cannot make anybody wholly right, since three others have to agree."""
_ARTICLES: Final = frozenset({"a", "an", "the"})
_MARKS: Final = ';/[]"{}()=+\\_-><@`,?!'
_ENDINGS: Final = {
    "nt": "n't",
    "d": "'d",
    "ll": "'ll",
    "re": "'re",
    "s": "'s",
    "ve": "'ve",
}
_SHORTENED: Final = {
    "nt": "ai are ca could did does do had has have is might must need ought sha should was were "
    "wo would",
    "d": "he how it someone something there they where who you",
    "ll": "how it somebody someone something they what who why you",
    "re": "there they what why you",
    "s": "he how somebody someone that there what when where who why",
    "ve": "could might must not should they we what where who would you",
}
_CONTRACTIONS: Final = {
    "maam": "ma'am",
    "oclock": "o'clock",
    "twas": "'twas",
    "yall": "y'all",
    "somebody'd": "somebodyd",  # so in the script
    **{
        stem + ending: stem + _ENDINGS[ending]
        for ending, stems in _SHORTENED.items()
        for stem in stems.split()
    },
}
"""Those of the script that people write without their apostrophe; two at once are left out."""
_COMMA_IN_NUMBER: Final = re.compile(r"\d,\d")
_POINT: Final = re.compile(r"(?!<=\d)\.(?!\d)")


@lru_cache(maxsize=16384)
def official(answer: str) -> str:
    """The answer as the official script compares it: marks, number words and articles aside.

    Contractions without their apostrophe get it (`dont`), but not those of two words at once.
    """
    text = written = answer.replace("\n", " ").replace("\t", " ").strip()
    has_comma = _COMMA_IN_NUMBER.search(written) is not None
    for mark in _MARKS:
        if f"{mark} " in written or f" {mark}" in written or has_comma:
            text = text.replace(mark, "")
        else:
            text = text.replace(mark, " ")
    words = (_NUMBERS.get(word, word) for word in _POINT.sub("", text).lower().split())
    return " ".join(_CONTRACTIONS.get(word, word) for word in words if word not in _ARTICLES)


def vqa_accuracy(answer: str, people: tuple[str, ...]) -> float:
    """Agreement with what people answered, in 0…1.

    For every person, min(others who agree / 3, 1), averaged (Antol et al. 2015): with ten people,
    four alike give 1.
    """
    found = official(answer)
    same = [official(one) == found for one in people]
    total = sum(same)
    return sum(min((total - one) / 3.0, 1.0) for one in same) / len(same)


def _judge(prompt: Prompt, answer: str) -> float:
    answers = accepted(prompt)
    people = answers if prompt.target is None else answers[1:]
    # the target of a published question repeats what most of the people said
    if len(people) > FEWEST_PEOPLE and (prompt.target is None or prompt.target in people):
        return vqa_accuracy(answer, people)
    return float(official(answer) in map(official, answers))


def _open(prompt: Prompt) -> bool:
    """Choices are answered with letters, and labels are a metric of their own."""
    return expects(prompt) and not {"choices", "labels"} & prompt.checks.keys()


METRIC = text_metric(
    "vqa_accuracy",
    "VQA accuracy",
    _judge,
    About(
        measures="How far a short answer agrees with those that people gave.",
        range="0…1",
        recipe="where checks.targets are what four people or more said, the target among them: "
        "the mean over the people of min(others who agree / 3, 1); else 1 where the target or one "
        "of checks.targets is given. Case, marks, articles and number words aside",
        source="Antol et al. 2015 (VQA, arXiv:1505.00468), its evaluation script",
        limits="Right answers that nobody gave, and sentences around the answer, count as wrong; "
        "contractions of three words without apostrophe are not restored.",
    ),
    version=2,
    applies=_open,
)
