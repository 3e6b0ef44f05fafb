"""One model's take: its outputs, its scores by prompt, and where it comes from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalharness.board.influences import Reason, set_column
from evalharness.board.prompt_columns import PromptColumn
from evalharness.board.selection import Selection
from evalharness.board.variants import Variant
from evalharness.core.baseline import (
    AskedPrompt,
    BaselineMetric,
    Column,
    ModelTake,
    SetTake,
)
from evalharness.core.outcomes import TERMINAL, Status

if TYPE_CHECKING:
    import duckdb

_DIGITS = 16
"""Of an output's digest: two different outputs agree in them once in 10¹⁹."""
_SIGNIFICANT = 9
"""Digits of a number that are kept: far below what any ε could notice, and a smaller file."""


@dataclass(frozen=True, slots=True)
class TakenOutput:
    """What became of one prompt × seed; `bytes` are its artifacts' digests."""

    variant: int
    position: int
    prompt_id: str
    prompt: str
    seed: int
    status: str
    run: str
    bytes: str | None


def kept(value: float) -> float:
    """The number as a baseline keeps it."""
    return float(f"{value:.{_SIGNIFICANT}g}")


def model_take(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    place: int,
    outputs: Sequence[TakenOutput],
    scores: Mapping[str, Column],
    asked: tuple[Sequence[AskedPrompt], Sequence[int], Sequence[BaselineMetric]],
) -> ModelTake:
    """The take of a variant (its place in the selection) from its outputs and its scores.

    `asked` are prompts, seeds and metrics, which all models share.
    """
    prompts, seeds, _ = asked
    variant = selection.variants[place]
    runs = tuple(sorted({one.run for one in outputs}))
    specified = _specification(connection, variant)
    return ModelTake(
        model=variant.model,
        title=variant.title,
        variant=variant.variant,
        environment=_environment(connection, runs, outputs),
        runs=runs,
        statuses=dict(sorted(Counter(one.status for one in outputs).items())),
        outputs=_digests(outputs, prompts, seeds),
        answered=_answered(outputs, prompts),
        scores=scores,
        sets=_sets(connection, selection, place, asked),
        **specified,
    )


def _specification(connection: duckdb.DuckDBPyConnection, variant: Variant) -> dict[str, Any]:
    [(digest, revision, specification, settings)] = connection.execute(
        """
        SELECT digest, revision, specification, settings FROM models
        WHERE variant = $variant AND model = $model
        """,
        {"variant": variant.variant, "model": variant.model},
    ).fetchall()
    return {
        "digest": digest,
        "revision": revision,
        "specification": json.loads(specification),
        "settings": json.loads(settings),
    }


def _environment(
    connection: duckdb.DuckDBPyConnection, runs: Sequence[str], outputs: Sequence[TakenOutput]
) -> dict[str, Any]:
    """Versions and machine of the newest run; without the host's name, which is nobody's business
    in a committed file.
    """
    row = connection.execute(
        """
        SELECT versions, machine FROM runs WHERE list_contains($runs, run)
        ORDER BY started_at DESC LIMIT 1
        """,
        {"runs": list(runs)},
    ).fetchone()
    if row is None:
        return {}
    versions, machine = json.loads(row[0]), json.loads(row[1])
    return {
        "versions": versions,
        "machine": {name: machine.get(name) for name in ("processor", "cores", "gpus")},
    }


def _digests(
    outputs: Sequence[TakenOutput], prompts: Sequence[AskedPrompt], seeds: Sequence[int]
) -> tuple[tuple[str | None, ...], ...]:
    made = {(one.prompt_id, one.seed): one.bytes for one in outputs if one.status == Status.OK}

    def digits(prompt: AskedPrompt, seed: int) -> str | None:
        found = made.get((prompt.id, seed))
        if found is None:
            return None
        return "".join(sha256[:_DIGITS] for sha256 in found.split())[: 4 * _DIGITS]

    return tuple(tuple(digits(prompt, seed) for seed in seeds) for prompt in prompts)


def _answered(outputs: Sequence[TakenOutput], prompts: Sequence[AskedPrompt]) -> Column:
    ended: Counter[str] = Counter(o.prompt_id for o in outputs if o.status in TERMINAL)
    ok: Counter[str] = Counter(o.prompt_id for o in outputs if o.status == Status.OK)
    return tuple(
        kept(ok[prompt.id] / ended[prompt.id]) if ended[prompt.id] else None for prompt in prompts
    )


def _sets(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    place: int,
    asked: tuple[Sequence[AskedPrompt], Sequence[int], Sequence[BaselineMetric]],
) -> dict[str, SetTake]:
    prompts, seeds, metrics = asked
    return {
        metric.metric: _set(set_column(connection, selection, metric.metric, place, seeds), prompts)
        for metric in metrics
        if metric.level == "set"
    }


def _set(found: PromptColumn | Reason, prompts: Sequence[AskedPrompt]) -> SetTake:
    if isinstance(found, str):
        return SetTake(None, 0, None, found)
    values = dict(zip(found.prompts, found.values.tolist(), strict=True))
    column = tuple(kept(values[p.id]) if p.id in values else None for p in prompts)
    return SetTake(kept(found.value), found.n, column)
