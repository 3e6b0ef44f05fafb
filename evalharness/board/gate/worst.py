"""The prompts that got worse most, with their words and what was made of them, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from evalharness.board.gate.verdict import Gate, Judgement, WorsePrompt
from evalharness.core.baseline import Baseline

if TYPE_CHECKING:
    import duckdb

PICTURES = 2
"""Shown of each side of a prompt: its first seeds."""
_DIGITS = 16


def with_pictures(
    gate: Gate, connection: duckdb.DuckDBPyConnection, baseline: Baseline, fresh: Baseline
) -> Gate:
    """The gate with every worst prompt's text, and those of its pictures that the store has.

    The baseline's own pictures are only there where it was made in the same store.
    """
    texts = dict(
        connection.execute(
            "SELECT prompt_id, text FROM prompts WHERE suite = $suite",
            {"suite": gate.suite_digest},
        ).fetchall()
    )
    sides = [_prefixes(take) for take in (baseline, fresh)]
    wanted = {
        prefix
        for test in gate.judgements
        for one in test.worst
        for side in sides
        for prefix in side.get((test.model, one.prompt_id), ())
    }
    found = dict(
        connection.execute(
            """
            SELECT left(sha256, 16), min(sha256) FROM artifacts
            WHERE kind = 'picture' AND list_contains($prefixes, left(sha256, 16)) GROUP BY ALL
            """,
            {"prefixes": sorted(wanted)},
        ).fetchall()
    )

    def pictures(
        side: Mapping[tuple[str, str], tuple[str, ...]], test: Judgement, name: str
    ) -> tuple[str, ...]:
        prefixes = side.get((test.model, name), ())
        return tuple(found[prefix] for prefix in prefixes if prefix in found)

    def told(test: Judgement, one: WorsePrompt) -> WorsePrompt:
        name = one.prompt_id
        before, after = (pictures(side, test, name) for side in sides)
        return replace(one, text=texts.get(name, ""), before=before, after=after)

    judgements = tuple(
        replace(test, worst=tuple(told(test, one) for one in test.worst))
        for test in gate.judgements
    )
    return replace(gate, judgements=judgements)


def _prefixes(take: Baseline) -> dict[tuple[str, str], tuple[str, ...]]:
    """By model and prompt, the beginnings of its pictures' digests."""
    return {
        (model.model, prompt.id): tuple(one[:_DIGITS] for one in outputs[:PICTURES] if one)
        for model in take.models
        for prompt, outputs in zip(take.prompts, model.outputs, strict=True)
    }
