"""Prompts as a store holds them: words, pictures, continuations, the target and the checks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalharness.core.nouns import InputPicture, Prompt

if TYPE_CHECKING:
    import duckdb


def prompts_of(
    connection: duckdb.DuckDBPyConnection, suite: str, prompts: Sequence[str]
) -> dict[str, Prompt]:
    """These prompts of a suite's version (by digest), by id, without their tags.

    The pictures' paths are empty: a store names pictures by their bytes.
    """
    rows = connection.execute(
        """
        SELECT prompt_id, text, target, checks, inputs FROM prompts
        WHERE suite = $suite AND list_contains($prompts, prompt_id)
        """,
        {"suite": suite, "prompts": list(prompts)},
    ).fetchall()
    return {row[0]: _prompt(*row) for row in rows}


def _prompt(name: str, text: str, target: str | None, checks: str, inputs: str | None) -> Prompt:
    given = json.loads(inputs) if inputs else {}
    return Prompt(
        id=name,
        text=text,
        target=target,
        checks=json.loads(checks),
        images=tuple(InputPicture(sha256, "") for sha256 in given.get("images", ())),
        continuations=tuple(given.get("continuations", ())),
    )
