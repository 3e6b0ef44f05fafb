"""Which metrics a board shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from evalharness.board.suites import SuiteEntry
from evalharness.core.errors import unknown_name
from evalharness.metrics.efficiency import BY_BATCH

if TYPE_CHECKING:
    import duckdb

MEASURED_BY = {
    "quality": ("preference", "aesthetic"),
    "alignment": ("geneval", "vqa_score", "clip_score"),
    "steerability": ("style_match", "steerability"),
    "latency": ("latency",),
}
"""Metrics that can stand for what is wanted of a model, the first that a suite has."""


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """A metric with what is needed to read its numbers; `level` is output or set.

    `counts` says which outputs it reads. `verified` is False while its instrument's published
    weights have not passed the self-test here, None where there is nothing to verify.
    """

    metric: str
    title: str
    unit: str
    direction: Literal["higher", "lower"]
    level: Literal["output", "set"]
    counts: Literal["ok", "finished"] = "ok"
    experimental: bool = False
    verified: bool | None = None

    @property
    def base(self) -> str:
        """The metric's name without its instrument."""
        return base_name(self.metric)


def base_name(metric: str) -> str:
    """`clip_score` of `clip_score[tiny-clip]`."""
    return metric.partition("[")[0]


def instrument_name(metric: str) -> str:
    """`tiny-clip` of `clip_score[tiny-clip]`; empty where a metric names none."""
    return metric.partition("[")[2].removesuffix("]")


def is_by_batch(column: MetricColumn) -> bool:
    """Whether a metric is a batch's, so that prompts are no sample of it.

    Which outputs shared a batch is not recorded, so that nothing can be clustered by it.
    """
    return column.base in BY_BATCH


def metric_columns(
    connection: duckdb.DuckDBPyConnection, entry: SuiteEntry, metrics: Sequence[str] | None
) -> tuple[MetricColumn, ...]:
    """The columns of a suite's board: its own metrics in its order, then others by name.

    A metric belongs to the board when the suite's newest specification names it or when it has a
    stored score for the suite, were it a failure: that it does not apply is said of answers which
    another suite shares. `metrics` chooses among them, in its own order;
    UnknownNameError if absent.
    """
    rows = connection.execute(
        """
        SELECT metric, title, unit, direction, level, coalesce(counts, 'ok'),
               coalesce(experimental, false), verified
        FROM metrics
        WHERE list_contains($named, metric)
           OR metric IN (SELECT s.metric FROM scores s SEMI JOIN
                         (SELECT m.job_key, p.digest FROM members m
                          JOIN prompts p ON p.suite = m.suite AND p.prompt_id = m.prompt_id
                          WHERE m.suite = $suite) a
                         ON a.job_key = s.job_key AND a.digest = s.prompt
                         WHERE NOT list_contains($named, s.metric)
                           AND s.status <> 'not_applicable')
           OR metric IN (SELECT metric FROM set_scores WHERE suite = $suite)
        """,
        {"suite": entry.digest, "named": list(entry.metrics)},
    ).fetchall()
    order = {name: place for place, name in enumerate(entry.metrics)}

    def place(column: MetricColumn) -> tuple[int, str]:
        near = order.get(column.base, len(order))
        return order.get(column.metric, near), column.metric

    columns = sorted((MetricColumn(*row) for row in rows), key=place)
    if metrics is None:
        return tuple(columns)
    chosen: dict[str, MetricColumn] = {}
    for name in metrics:
        found = [c for c in columns if name in (c.metric, c.base)]
        if not found:
            raise unknown_name("metric on this board", name, [c.metric for c in columns])
        chosen |= {c.metric: c for c in found}
    return tuple(chosen.values())
