"""A suite's numbers run by run: what each run made, by model and metric, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.cells import Cell
from evalharness.board.columns import MetricColumn, metric_columns
from evalharness.board.gate.made import made_by_run
from evalharness.board.measured import mean_cell
from evalharness.board.numbers import header_text, value_text
from evalharness.board.prompt_scores import prompt_scores
from evalharness.board.selection import Selection
from evalharness.board.sheets import Sheet
from evalharness.board.suites import SuiteEntry
from evalharness.board.variants import Variant, variants_of
from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Entry:
    """What one run (begun at `started_at`, UTC) made of one model, by metric; `changed` where
    weights or settings are others than in the model's run before.
    """

    model: str
    run: str
    command: str
    started_at: str
    variant: str
    changed: bool
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class History:
    """Entries by model, the oldest run first; `columns` are the metrics on outputs."""

    suite: str
    version: int
    columns: tuple[MetricColumn, ...]
    entries: tuple[Entry, ...]


def history(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    *,
    models: Sequence[str] = (),
    metrics: Sequence[str] | None = None,
) -> History:
    """Every run that made outputs in a suite, of all models or those named.

    Numbers of sets are kept of a model's newest outputs only and are left out. Raises
    UnknownNameError for a model or metric that is not there.
    """
    for model in models:
        if model not in entry.models:
            raise unknown_name("model in this suite", model, entry.models)
    columns = tuple(c for c in metric_columns(connection, entry, metrics) if c.level == "output")
    runs = connection.execute(
        """
        SELECT run, command, started_at FROM runs WHERE run IN (
            SELECT o.run FROM members m JOIN outputs o ON o.job_key = m.job_key
            WHERE m.suite = $suite)
        ORDER BY started_at, run
        """,
        {"suite": entry.digest},
    ).fetchall()
    variants = variants_of(connection, entry.digest, "all")
    found: dict[str, list[Entry]] = {}
    for run, command, started_at in runs:
        for model, variant, cells in _of_run(connection, entry, columns, run, variants):
            before = found.setdefault(model, [])
            changed = bool(before) and before[-1].variant != variant
            at = f"{started_at:%Y-%m-%d %H:%M}"
            before.append(Entry(model, run, command, at, variant, changed, cells))
    return History(
        suite=entry.suite,
        version=entry.version,
        columns=columns,
        entries=tuple(
            one for model in sorted(found) for one in found[model] if not models or model in models
        ),
    )


def _of_run(
    connection: duckdb.DuckDBPyConnection,
    entry: SuiteEntry,
    columns: Sequence[MetricColumn],
    run: str,
    variants: Mapping[str, Sequence[Variant]],
) -> list[tuple[str, str, dict[str, Cell]]]:
    chosen = made_by_run(connection, entry, run, variants)
    selection = Selection(
        entry.digest, tuple(v for v, _ in chosen), {}, tuple(only for _, only in chosen)
    )
    scores = prompt_scores(connection, selection, [column.metric for column in columns])
    return [
        (
            variant.model,
            variant.variant,
            {
                c.metric: mean_cell(scores[c.metric].sums[i], scores[c.metric].counts[i], c)
                for c in columns
            },
        )
        for i, (variant, _) in enumerate(chosen)
    ]


def history_sheets(found: History) -> list[Sheet]:
    """A sheet a model: runs as rows, metrics as columns."""
    sheets = []
    for model in dict.fromkeys(one.model for one in found.entries):
        rows = tuple(
            (
                f"{one.started_at} {one.command}{' *' * one.changed}",
                one.run,
                *(value_text(one.cells[column.metric]) for column in found.columns),
            )
            for one in found.entries
            if one.model == model
        )
        head = ("run", "id", *(header_text(column) for column in found.columns))
        sheets.append(Sheet(f"{model} in {found.suite}", head, rows))
    if not sheets:
        why = "no run has made outputs of this suite that ended for good"
        return [
            Sheet(f"{found.suite} (version {found.version})", sentences=(f"Nothing yet: {why}.",))
        ]
    note = "* with other weights or settings than the run before. ± is half a 95 % interval."
    return [*sheets, Sheet("How to read this", sentences=(note,))]
