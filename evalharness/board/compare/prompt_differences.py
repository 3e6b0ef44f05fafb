"""Prompt by prompt: what two sides differ by on one metric, and what both answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalharness.board.answers.prompts import prompts_of
from evalharness.board.compare.sides import Side, select_sides
from evalharness.board.outputs import GalleryOutput, outputs_to
from evalharness.board.prompt_scores import prompt_scores
from evalharness.board.suite_prompts import suite_prompts
from evalharness.board.suites import find_suite
from evalharness.core.nouns import Prompt

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class PromptDifference:
    """A prompt with both sides' means over seeds, in the metric's unit; `difference` is second
    minus first.
    """

    prompt_id: str
    text: str
    first: float
    second: float
    difference: float


@dataclass(frozen=True, slots=True)
class Answers:
    """A prompt with the outputs of both sides to it, in order of their seeds."""

    prompt: Prompt
    first: tuple[GalleryOutput, ...]
    second: tuple[GalleryOutput, ...]

    @property
    def prompt_id(self) -> str:
        """The prompt's id."""
        return self.prompt.id

    @property
    def text(self) -> str:
        """The prompt's words."""
        return self.prompt.text


def prompt_differences(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    first: Side,
    second: Side,
    metric: str,
    where: Mapping[str, str] | None = None,
) -> tuple[PromptDifference, ...]:
    """Every prompt that both sides have a score of, smallest difference first.

    Raises as `compare`.
    """
    entry = find_suite(connection, suite)
    selection = select_sides(connection, entry, first, second, where or {})
    scores = prompt_scores(connection, selection, [metric])[metric]
    texts = {one.id: one.text for one in suite_prompts(connection, selection)}
    one, other = scores.means
    apart = other - one
    known = np.flatnonzero(np.isfinite(apart))
    return tuple(
        PromptDifference(
            scores.prompts[p],
            texts[scores.prompts[p]],
            float(one[p]),
            float(other[p]),
            float(apart[p]),
        )
        for p in known[np.argsort(apart[known], kind="stable")]
    )


def answers_of(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    first: Side,
    second: Side,
    prompts: Sequence[str],
) -> tuple[Answers, ...]:
    """What both sides answered to these prompts, in their order; unknown ones are left out."""
    entry = find_suite(connection, suite)
    selection = select_sides(connection, entry, first, second, {})
    asked = prompts_of(connection, entry.digest, prompts)
    found = outputs_to(connection, selection, prompts, asked=asked)
    return tuple(
        Answers(
            asked[name],
            tuple(found.get((name, 0), ())),
            tuple(found.get((name, 1), ())),
        )
        for name in prompts
        if name in asked
    )
