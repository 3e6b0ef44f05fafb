"""Is the expected answer given, or said somewhere? `normalised_match`, `contains_target`."""

from __future__ import annotations

from evalharness.core.measures import About
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import accepted, expects, expects_words, text_metric
from evalharness.metrics.text.normal_form import holds, plain, plain_words

_NORMAL = (
    "both NFKC, case-folded, white space collapsed, punctuation at the ends of words dropped "
    "(signs and points before digits, % and # stay)"
)


def same_words(answer: str, expected: str) -> bool:
    """Whether two texts are equal after `plain`."""
    return " ".join(plain_words(answer)) == plain(expected)


def _normalised(prompt: Prompt, answer: str) -> float:
    words = " ".join(plain_words(answer))
    return float(any(words == plain(one) for one in accepted(prompt)))


def _contained(prompt: Prompt, answer: str) -> float:
    words = " ".join(plain_words(answer))
    return float(any(holds(words, plain(one)) for one in accepted(prompt)))


NORMALISED = text_metric(
    "normalised_match",
    "Normalised match",
    _normalised,
    About(
        measures="Whether an answer is an expected one, however it is written.",
        range="0 or 1",
        recipe=f"1 where the answer equals the target or one of checks.targets; {_NORMAL}",
        source="this project; stricter than SQuAD's, which takes −5 for 5 and 3.5 for 35",
        limits="A right answer within a sentence counts as wrong: see contains_target. Prompts "
        "with choices, labels, a JSON schema or code are left to the metrics of those.",
    ),
    applies=expects_words,
    version=2,
)

CONTAINED = text_metric(
    "contains_target",
    "Target said",
    _contained,
    About(
        measures="Whether an expected answer stands somewhere in the answer, as whole words.",
        range="0 or 1",
        recipe="1 where the target or one of checks.targets is part of the answer, at edges of "
        f"words (anywhere in scripts without spaces); {_NORMAL}",
        source="this project; the usual definition has no edges of words, and finds no in know",
        limits="Rewards saying everything: “not Paris”, or a list of all capitals, contains Paris.",
    ),
    applies=expects,
)
