"""How long an answer is: `length.words`, `length.characters`, and `length.kept`."""

from __future__ import annotations

from evalharness.core.measures import About
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import text_metric, wrong_check


def _words(_prompt: Prompt, answer: str) -> float:
    return float(len(answer.split()))


def _characters(_prompt: Prompt, answer: str) -> float:
    return float(len(answer))


def _kept(prompt: Prompt, answer: str) -> float:
    """`checks.length`: {"unit": "words" or "characters", "at_least"?, "at_most"?}."""
    demand = prompt.checks.get("length")
    expected = '{"unit": "words" or "characters", "at_least" and/or "at_most": a number}'
    if not isinstance(demand, dict) or demand.get("unit") not in {"words", "characters"}:
        raise wrong_check(prompt, "length", expected)
    low, high = demand.get("at_least", 0), demand.get("at_most", float("inf"))
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low > high:
        raise wrong_check(prompt, "length", expected)
    number = len(answer.split()) if demand["unit"] == "words" else len(answer)
    return float(low <= number <= high)


_NO_MERIT = "Length is no merit; shorter is called better here only because it costs less."

WORDS = text_metric(
    "length.words",
    "Words",
    _words,
    About(
        measures="How long an answer is.",
        range="0 and up",
        recipe="parts between white space",
        source="the usual definition",
        limits=f"{_NO_MERIT} Scripts without spaces are one word a line.",
    ),
    unit="words",
    direction="lower",
)
CHARACTERS = text_metric(
    "length.characters",
    "Characters",
    _characters,
    About(
        measures="How long an answer is.",
        range="0 and up",
        recipe="Unicode code points, white space included",
        source="the usual definition",
        limits=_NO_MERIT,
    ),
    unit="characters",
    direction="lower",
)
KEPT = text_metric(
    "length.kept",
    "Length as asked",
    _kept,
    About(
        measures="Whether an answer is as long as was asked.",
        range="0 or 1",
        recipe="1 where its words (between white space) or characters are not fewer than "
        "checks.length.at_least and not more than at_most",
        source="this project",
        limits="A miss by one word counts as a miss by hundreds.",
    ),
    applies=lambda prompt: prompt.checks.get("length") is not None,
)
