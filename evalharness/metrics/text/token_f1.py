"""How many words answer and target share: `token_f1`, SQuAD's."""

from __future__ import annotations

from collections import Counter

from evalharness.core.measures import About
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import accepted, expects, text_metric
from evalharness.metrics.text.normal_form import squad_words


def token_f1(answer: list[str], expected: list[str]) -> float:
    """2PR / (P + R) of the words of two texts as multisets, in 0…1.

    Where one has no words, 1 if neither has, else 0, as in SQuAD 2.0's script.
    """
    if not answer or not expected:
        return float(answer == expected)
    shared = (Counter(answer) & Counter(expected)).total()
    return 2.0 * shared / (len(answer) + len(expected))


def _best(prompt: Prompt, answer: str) -> float:
    words = squad_words(answer)
    return max(token_f1(words, squad_words(one)) for one in accepted(prompt))


METRIC = text_metric(
    "token_f1",
    "Token F1",
    _best,
    About(
        measures="How far the words of an answer and of the expected one are the same.",
        range="0…1",
        recipe="harmonic mean of precision and recall over words as multisets, the best of the "
        "target and checks.targets; both in lower case, without ASCII punctuation and a, an, the",
        source="Rajpurkar et al. 2016 (SQuAD, arXiv:1606.05250), its evaluation script",
        limits="Blind to order and meaning; long answers lose precision; scripts without spaces "
        "are one word.",
    ),
    applies=expects,
)
