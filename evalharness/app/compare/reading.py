"""What the compare page reads, once per publication."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from evalharness.app.source import Edition, Where, reading
from evalharness.board.answers.prompts import prompts_of
from evalharness.board.answers.seen import ProgramRun, seen_of
from evalharness.board.compare import Comparison, Side, compare
from evalharness.board.compare.comparison import Differing
from evalharness.board.compare.origins import origins
from evalharness.board.compare.prompt_differences import (
    Answers,
    PromptDifference,
    answers_of,
    prompt_differences,
)
from evalharness.board.compare.sides import select_sides, sides_of
from evalharness.board.judged.contested import contested
from evalharness.board.judged.stored import (
    Heard,
    Stored,
    heard_on,
    judged_prompts,
    stored_judgements,
)
from evalharness.board.judged.tables import judge_names
from evalharness.board.suites import find_suite


@st.cache_resource(max_entries=32, show_spinner=False)
def known_sides(of: Edition, suite: str) -> dict[str, Side]:
    """Everything that can stand on a side, by its label."""
    with reading(of) as connection:
        return {side.label: side for side in sides_of(connection, find_suite(connection, suite))}


@st.cache_resource(max_entries=32, show_spinner=False)
def comparison(of: Edition, suite: str, first: Side, second: Side, where: Where) -> Comparison:
    """Everything that differs between two sides. Raises HarnessError."""
    with reading(of) as connection:
        return compare(connection, suite, first, second, where=dict(where))


@st.cache_resource(max_entries=32, show_spinner=False)
def by_prompt(
    of: Edition, suite: str, first: Side, second: Side, metric: str, where: Where
) -> tuple[PromptDifference, ...]:
    """The differences on one metric, prompt by prompt, smallest first."""
    with reading(of) as connection:
        return prompt_differences(connection, suite, first, second, metric, dict(where))


@st.cache_resource(max_entries=64, show_spinner=False)
def answers(
    of: Edition, suite: str, first: Side, second: Side, prompts: tuple[str, ...]
) -> tuple[Answers, ...]:
    """What both sides answered to some prompts."""
    with reading(of) as connection:
        return answers_of(connection, suite, first, second, prompts)


@st.cache_resource(max_entries=64, show_spinner=False)
def runs_of(of: Edition, suite: str, prompt_id: str, answer: str) -> tuple[ProgramRun, ...]:
    """What became of the program in a whole answer to a prompt of a suite (by digest)."""
    with reading(of) as connection:
        prompt = prompts_of(connection, suite, [prompt_id])[prompt_id]
        return seen_of(connection, prompt, answer)[0] if "code" in prompt.checks else ()


@st.cache_resource(max_entries=32, show_spinner=False)
def both_origins(of: Edition, suite: str, first: Side, second: Side) -> tuple[Differing, ...]:
    """Everything recorded of where both sides come from, also what is the same."""
    with reading(of) as connection:
        entry = find_suite(connection, suite)
        return origins(connection, select_sides(connection, entry, first, second, {}))


@dataclass(frozen=True, slots=True)
class Judged:
    """A judge on two sides; its shares are the second one's, as differences are second minus first.

    `name` tells it from all other judges of the two.
    """

    name: str
    stored: Stored
    prompts: tuple[PromptDifference, ...]


@st.cache_resource(max_entries=32, show_spinner=False)
def judged(
    of: Edition, suite: str, first: Side, second: Side, where: Where
) -> tuple[Judged, ...] | None:
    """Every judge that said anything of two sides; None where none could, as no answers in words
    differ.
    """
    with reading(of) as connection:
        entry = find_suite(connection, suite)
        found = contested(connection, entry, (second, first), dict(where))
        if all(one.identical for one in found.contests.found):
            return None
        stored = stored_judgements(connection, found)
        names = judge_names([one.judgement.by for one in stored])
        return tuple(
            Judged(name, one, judged_prompts(connection, found, one.scores))
            for name, one in zip(names, stored, strict=True)
        )


@st.cache_resource(max_entries=64, show_spinner=False)
def heard(
    of: Edition, suite: str, first: Side, second: Side, prompt_id: str, seed: int
) -> tuple[Heard, ...]:
    """What judges said of both sides' answers to one prompt; verdicts are for the first side's."""
    with reading(of) as connection:
        entry = find_suite(connection, suite)
        return heard_on(connection, entry, (first, second), prompt_id, seed)
