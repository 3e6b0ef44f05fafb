"""The prompts of a suite, and which of them leave the look to the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb

    from evalharness.board.selection import Selection
    from evalharness.core.nouns import Json


@dataclass(frozen=True, slots=True)
class SuitePrompt:
    """A prompt; `style` is the look it asks for by `checks.style`, empty where it asks for none,
    `vocabulary` that of its looks by `checks.styles`, empty where it names none.
    """

    id: str
    text: str
    style: str
    vocabulary: str = ""


def suite_prompts(
    connection: duckdb.DuckDBPyConnection, selection: Selection
) -> tuple[SuitePrompt, ...]:
    """All prompts of the selection, in the suite's order."""
    rows = connection.execute(
        f"""
        SELECT w.prompt_id, w.text, p.checks
        FROM ({selection.wanted}) w
        JOIN prompts p ON p.suite = $suite AND p.prompt_id = w.prompt_id
        ORDER BY w.position, w.prompt_id
        """,
        selection.wanted_parameters,
    ).fetchall()
    return tuple(
        SuitePrompt(i, text, *(_word(json.loads(checks), name) for name in ("style", "styles")))
        for i, text, checks in rows
    )


def _word(checks: Mapping[str, Json], name: str) -> str:
    found = checks.get(name)
    return found if isinstance(found, str) else ""


def leaving_the_look_open(prompts: Sequence[SuitePrompt]) -> NDArray[np.int64]:
    """The places of prompts that ask for no look; of all where every one asks for some."""
    found = [place for place, one in enumerate(prompts) if not one.style]
    return np.array(found or range(len(prompts)), np.int64)
