"""The language an answer is in: `language.right`."""

from __future__ import annotations

from typing import Final

from evalharness.core.measures import About
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import text_metric, wrong_check
from evalharness.metrics.text.libraries import library, version_of

LONGEST: Final = 5_000
"""Characters that are read; more tell nothing new."""


def language_of(text: str) -> str | None:
    """The likeliest language (ISO 639-1) of a text; None where it has no letters."""
    shown = text[:LONGEST]
    if not any(character.isalpha() for character in shown):
        return None
    found: str = library("py3langid").classify(shown)[0]
    return found


def _right(prompt: Prompt, answer: str) -> float:
    wanted = prompt.checks.get("language")
    if not isinstance(wanted, str) or len(wanted.partition("-")[0]) != 2:
        raise wrong_check(prompt, "language", "two letters of ISO 639-1, such as de")
    return float(language_of(answer) == wanted.partition("-")[0].lower())


METRIC = text_metric(
    "language.right",
    "Right language",
    _right,
    About(
        measures="Whether an answer is in the language that was asked for.",
        range="0 or 1",
        recipe="1 where the language that py3langid finds likeliest (of 97) is checks.language; 0 "
        f"for an answer without letters; the first {LONGEST:,} characters are read",
        source="Lui and Baldwin 2012 (langid.py); its fork py3langid",
        limits="Unsure below some five words, and between near languages (no and da, hr and sr); "
        "one foreign paragraph among many is not seen.",
    ),
    applies=lambda prompt: prompt.checks.get("language") is not None,
    signature=lambda: f"py3langid|version:{version_of('py3langid')}",
)
