"""A take as the store has it: what models answered to which prompts, and how that was scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalharness.board.gate.model_take import TakenOutput, kept, model_take
from evalharness.board.selection import Only, Selection
from evalharness.board.suites import SuiteEntry
from evalharness.board.variants import Variant
from evalharness.core.baseline import (
    AskedPrompt,
    Baseline,
    BaselineMetric,
    Column,
    MeasuredBy,
)
from evalharness.core.errors import BadInputError

if TYPE_CHECKING:
    import duckdb


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
        model_take(
            connection,
            selection,
            place,
            [one for one in outputs if one.variant == place],
            scores[place],
            (prompts, seeds, metrics),
        )
        for place in range(len(chosen))
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


def _outputs(connection: duckdb.DuckDBPyConnection, selection: Selection) -> list[TakenOutput]:
    rows = connection.execute(
        selection.placed()
        + """
        SELECT p.variant, p.position, p.prompt_id, p.prompt, p.seed, p.status, p.run,
               string_agg(a.sha256, ' ' ORDER BY a.position)
        FROM placed p
        LEFT JOIN output_artifacts a ON a.job_key = p.job_key AND a.take = p.take
                                    AND a.attempt = p.attempt
        WHERE p.take IS NOT NULL GROUP BY ALL
        ORDER BY p.variant, p.position, p.seed
        """,
        selection.parameters,
    ).fetchall()
    return [TakenOutput(*row) for row in rows]


def _common_seeds(outputs: Sequence[TakenOutput], variants: int) -> list[int]:
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
        columns[variant].setdefault(metric, empty)[places[prompt_id]] = kept(value)
    return [
        {metric: tuple(found[metric]) for metric in metrics if metric in found} for found in columns
    ]
