"""What a judge is asked about a prompt's answers.

`checks.rival` is the answer that others are held against (else the target is), `checks.rubric` what
the judge is to look for. The target is told to a judge that grades.
"""

from __future__ import annotations

from typing import Final

from evalharness.core.judging import Asked
from evalharness.core.nouns import Prompt

LIMITS: Final = (
    "As good as the judge, which has tastes of its own: judges favour longer answers, the place an "
    "answer stands in, and texts of their own family. Read it beside judge.consistency and "
    "judge.longer_wins, and compare under one judge only. A judge that refuses, or gives no "
    "verdict, leaves the answer unscored."
)


def rival_of(prompt: Prompt) -> str | None:
    """The answer that a prompt's answers are held against, if there is one."""
    rival = prompt.checks.get("rival", prompt.target)
    return rival if isinstance(rival, str) and rival.strip() else None


def has_rival(prompt: Prompt) -> bool:
    """Whether a prompt's answers can be held against another one."""
    return rival_of(prompt) is not None


def _rubric(prompt: Prompt) -> str | None:
    rubric = prompt.checks.get("rubric")
    return rubric if isinstance(rubric, str) else None


def grading(prompt: Prompt) -> tuple[str, ...]:
    """How good is the answer?"""
    return (Asked(prompt.text, prompt.target, _rubric(prompt)).written(),)


def comparing(prompt: Prompt) -> tuple[str, ...]:
    """Is it better than the rival's? Asked with it in the first place and in the second."""
    rival = rival_of(prompt)
    if rival is None:
        return ()
    # where the target is the rival, telling it as the right answer would decide the matter
    reference = prompt.target if rival != prompt.target else None
    rubric = _rubric(prompt)
    first = Asked(prompt.text, reference, rubric, rival, "first")
    second = Asked(prompt.text, reference, rubric, rival, "second")
    return first.written(), second.written()
