"""Does an answer match `checks.pattern`? `pattern_match`."""

from __future__ import annotations

from evalharness.core.measures import About
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import text_metric, wrong_check
from evalharness.metrics.text.bounded import SECONDS, found


def _matches(prompt: Prompt, answer: str) -> float:
    pattern = prompt.checks.get("pattern")
    if not isinstance(pattern, str):
        raise wrong_check(prompt, "pattern", "a regular expression")
    return float(found(pattern, answer))


METRIC = text_metric(
    "pattern_match",
    "Pattern matched",
    _matches,
    About(
        measures="Whether an answer has the form that a regular expression asks for.",
        range="0 or 1",
        recipe="1 where checks.pattern is found in the answer (as re.search does: anchor it with "
        f"^ and $); a search of more than {SECONDS:g} s is an error of the pattern, not a 0",
        source="this project; the regular expressions are those of the package regex",
        limits="As good as the pattern.",
    ),
    applies=lambda prompt: prompt.checks.get("pattern") is not None,
)
