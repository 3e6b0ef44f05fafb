"""A take as the store has it: what models answered to which prompts, and how that was scored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evalharness.board.gate.sets import set_column
from evalharness.board.selection import Only, Selection
from evalharness.board.suites import SuiteEntry
from evalharness.board.variants import Variant
from evalharness.core.baseline import (
    AskedPrompt,
    Baseline,
    BaselineMetric,
    Column,
    MeasuredBy,
    ModelTake,
    SetColumn,
)
from evalharness.core.errors import BadInputError
from evalharness.core.outcomes import TERMINAL, Status

if TYPE_CHECKING:
    import duckdb

_DIGITS = 16
"""Of an output's digest: two different outputs agree in them once in 10¹⁹."""


@dataclass(frozen=True, slots=True)
class _Output:
    """What became of one prompt × seed; `sha256` is its first artifact's, `bytes` all digests."""

    variant: int
    position: int
    prompt_id: str
    prompt: str
    seed: int
    status: str
    run: str
    bytes: str | None
    sha256: str | None


def read_take(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    chosen: Sequence[tuple[Variant, Only]],
    measured_by: MeasuredBy,
) -> Baseline:
    """The take of these variants, each restricted to the outputs that count for it.

    Prompts are those from the suite's first to the last that any of them answered, seeds those
    that all of them answered. Raises BadInputError where nothing was answered, and where scores
    were made by another recipe than `measured_by` says.
    """
    selection = Selection(
        entry.digest, tuple(v for v, _ in chosen), {}, tuple(only for _, only in chosen)
    )
    outputs = _outputs(connection, selection)
    seeds = _common_seeds(outputs, len(chosen))
    if not seeds:
        raise BadInputError(
            f"There is nothing to take of {entry.suite}: its models share no seed with an output. "
            f"Run it first: evalharness run {entry.suite}"
        )
    outputs = [one for one in outputs if one.seed in seeds]
    prompts = _prompts(connection, entry.digest, max(one.position for one in outputs))
    metrics = _metrics(connection, measured_by)
    scores = _scores(connection, selection, [m.metric for m in metrics], prompts, seeds)
    models = tuple(
        _model_take(
            connection,
            variant,
            [one for one in outputs if one.variant == place],
            scores[place],
            (prompts, seeds, metrics, measured_by),
        )
        for place, (variant, _) in enumerate(chosen)
    )
    found = {name for model in models for name in (*model.scores, *model.sets)}
    return Baseline(
        suite=entry.suite,
        version=entry.version,
        suite_digest=entry.digest,
        prompts=prompts,
        seeds=tuple(seeds),
        measured_by=measured_by,
        metrics=tuple(metric for metric in metrics if metric.metric in found),
        models=models,
    )


def _outputs(connection: duckdb.DuckDBPyConnection, selection: Selection) -> list[_Output]:
    rows = connection.execute(
        selection.placed()
        + """
        SELECT p.variant, p.position, p.prompt_id, p.prompt, p.seed, p.status, p.run,
               string_agg(a.sha256, ' ' ORDER BY a.position), arg_min(a.sha256, a.position)
        FROM placed p
        LEFT JOIN output_artifacts a ON a.job_key = p.job_key AND a.take = p.take
                                    AND a.attempt = p.attempt
        WHERE p.take IS NOT NULL GROUP BY ALL
        ORDER BY p.variant, p.position, p.seed
        """,
        selection.parameters,
    ).fetchall()
    return [_Output(*row) for row in rows]


def _common_seeds(outputs: Sequence[_Output], variants: int) -> list[int]:
    by_variant = [{one.seed for one in outputs if one.variant == v} for v in range(variants)]
    return sorted(set.intersection(*by_variant)) if by_variant else []


def _prompts(
    connection: duckdb.DuckDBPyConnection, suite: str, last: int
) -> tuple[AskedPrompt, ...]:
    rows = connection.execute(
        """
        SELECT prompt_id, digest FROM prompts WHERE suite = $suite AND position <= $last
        ORDER BY position
        """,
        {"suite": suite, "last": last},
    ).fetchall()
    return tuple(AskedPrompt(*row) for row in rows)


def _metrics(
    connection: duckdb.DuckDBPyConnection, measured_by: MeasuredBy
) -> list[BaselineMetric]:
    rows = connection.execute(
        """
        SELECT metric, version, title, unit, direction, level, recipe FROM metrics
        WHERE list_contains($names, metric)
        """,
        {"names": list(measured_by.recipes)},
    ).fetchall()
    found = {row[0]: BaselineMetric(*row) for row in rows}
    for name, metric in found.items():
        if metric.recipe != measured_by.recipes[name]:
            raise BadInputError(
                f"The store's scores by {name} were made with other weights or another version "
                "than are here now. Run `evalharness score` on the suite first."
            )
    return [found[name] for name in measured_by.recipes if name in found]


def _scores(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    metrics: Sequence[str],
    prompts: Sequence[AskedPrompt],
    seeds: Sequence[int],
) -> list[dict[str, Column]]:
    """By variant and metric on outputs, the means over seeds."""
    rows = connection.execute(
        selection.scored("list_contains($seeds, m.seed)")
        + """
        SELECT variant, metric, prompt_id, avg(value) FROM scored s
        WHERE status = 'ok' AND list_contains($metrics, s.metric) GROUP BY ALL
        """,
        selection.parameters | {"metrics": list(metrics), "seeds": list(seeds)},
    ).fetchall()
    places = {prompt.id: place for place, prompt in enumerate(prompts)}
    columns: list[dict[str, list[float | None]]] = [{} for _ in selection.variants]
    for variant, metric, prompt_id, value in rows:
        empty: list[float | None] = [None] * len(prompts)
        columns[variant].setdefault(metric, empty)[places[prompt_id]] = value
    return [
        {metric: tuple(found[metric]) for metric in metrics if metric in found}
        for found in columns
    ]


def _model_take(
    connection: duckdb.DuckDBPyConnection,
    variant: Variant,
    outputs: Sequence[_Output],
    scores: Mapping[str, Column],
    asked: tuple[Sequence[AskedPrompt], Sequence[int], Sequence[BaselineMetric], MeasuredBy],
) -> ModelTake:
    prompts, seeds, metrics, measured_by = asked
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
        sets=_sets(connection, outputs, prompts, metrics, measured_by),
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
    connection: duckdb.DuckDBPyConnection, runs: Sequence[str], outputs: Sequence[_Output]
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
    outputs: Sequence[_Output], prompts: Sequence[AskedPrompt], seeds: Sequence[int]
) -> tuple[tuple[str | None, ...], ...]:
    made = {
        (one.prompt_id, one.seed): one.bytes for one in outputs if one.status == Status.OK
    }

    def digits(prompt: AskedPrompt, seed: int) -> str | None:
        found = made.get((prompt.id, seed))
        if found is None:
            return None
        return "".join(sha256[:_DIGITS] for sha256 in found.split())[: 4 * _DIGITS]

    return tuple(tuple(digits(prompt, seed) for seed in seeds) for prompt in prompts)


def _answered(outputs: Sequence[_Output], prompts: Sequence[AskedPrompt]) -> Column:
    ended: Counter[str] = Counter(o.prompt_id for o in outputs if o.status in TERMINAL)
    ok: Counter[str] = Counter(o.prompt_id for o in outputs if o.status == Status.OK)
    return tuple(
        ok[prompt.id] / ended[prompt.id] if ended[prompt.id] else None for prompt in prompts
    )


def _sets(
    connection: duckdb.DuckDBPyConnection,
    outputs: Sequence[_Output],
    prompts: Sequence[AskedPrompt],
    metrics: Sequence[BaselineMetric],
    measured_by: MeasuredBy,
) -> dict[str, SetColumn]:
    places = {prompt.id: place for place, prompt in enumerate(prompts)}
    pictures = [(places[o.prompt_id], o.sha256) for o in outputs if o.status == Status.OK and o.sha256]
    prompt = np.array([place for place, _ in pictures], np.int64)
    subjects = [sha256 for _, sha256 in pictures]
    return {
        metric.metric: set_column(
            connection, metric.metric, measured_by, subjects, prompt, len(prompts)
        )
        for metric in metrics
        if metric.level == "set"
    }
