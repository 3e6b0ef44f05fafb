"""Multiple choice read from a written answer: `multiple_choice.correct`, `.unparsable`.

Prompts carry `checks.choices` (texts, shown with letters from A on); `target` is the right
choice's text. By log-likelihood instead: see `likelihoods`.
"""

from __future__ import annotations

from evalharness.core.measures import About
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.answers import offered, offers, text_metric
from evalharness.metrics.text.readings import read_choice


def has_choices(prompt: Prompt) -> bool:
    """Whether a prompt offers choices and says which is right."""
    return offers(prompt, "choices")


def _correct(prompt: Prompt, answer: str) -> float:
    choices, right = offered(prompt, "choices")
    return float(read_choice(answer, choices) == right)


def _unparsable(prompt: Prompt, answer: str) -> float:
    choices, _ = offered(prompt, "choices")
    return float(read_choice(answer, choices) is None)


_READ = (
    "read from \\boxed{}, from “the answer is (B)” (the last such), from a letter at the start, or "
    "from the only choice whose words, or else whose letter in brackets, stand in the answer"
)
_LIMITS = (
    "Reads what people usually write; an answer that argues for several choices without settling "
    "is not parsed. Comparable with log-likelihood numbers only in order, not in size."
)

CORRECT = text_metric(
    "multiple_choice.correct",
    "Right choice",
    _correct,
    About(
        measures="Whether a written answer settles on the right one of the choices.",
        range="0 or 1",
        recipe=f"1 where the choice is the target; {_READ}. What cannot be parsed counts as wrong",
        source="this project, after the letter filters of lm-evaluation-harness",
        limits=f"{_LIMITS} Read it beside multiple_choice.unparsable.",
    ),
    applies=has_choices,
)

UNPARSABLE = text_metric(
    "multiple_choice.unparsable",
    "No choice found",
    _unparsable,
    About(
        measures="How often no choice can be read from an answer.",
        range="0 or 1",
        recipe=f"1 where no choice is found; {_READ}",
        source="this project",
        limits=_LIMITS,
    ),
    applies=has_choices,
    direction="lower",
)
