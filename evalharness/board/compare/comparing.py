"""`compare`: everything that differs between two sides, on the prompts that both answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from evalharness.board.columns import MetricColumn, metric_columns
from evalharness.board.compare.apart import prompts_apart
from evalharness.board.compare.comparison import (
    Apart,
    Comparison,
    MetricDifference,
    SideFacts,
)
from evalharness.board.compare.differences import (
    metric_differences,
    separated,
    set_pairs,
    slice_differences,
)
from evalharness.board.compare.origins import differing
from evalharness.board.compare.sides import Side, select_sides
from evalharness.board.gallery import tags_of_prompts
from evalharness.board.measured import Measured, measure
from evalharness.board.prompt_scores import PromptScores, prompt_scores
from evalharness.board.selection import Selection
from evalharness.board.suites import find_suite
from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb

SHOWN_PROMPTS = 5
"""Prompts that differ most, for each side."""


def compare(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    first: Side,
    second: Side,
    *,
    where: Mapping[str, str] | None = None,
    metrics: Sequence[str] | None = None,
    by: str | None = None,
    shown: int = SHOWN_PROMPTS,
) -> Comparison:
    """Compare two sides of a suite; all differences are second minus first, in metrics' units.

    `where` keeps prompts that carry these tags, `metrics` chooses metrics. The `shown` prompts
    that differ most for each side are those by the metric `by`; by default the first on which the
    sides are separated, else the first with any difference. Raises UnknownNameError for a suite,
    model, take, run, tag or metric that is not there, BadInputError for twice the same side. Sides
    without a common prompt are compared by their statuses and origins, and `notes` says so.
    """
    entry = find_suite(connection, suite)
    selection = select_sides(connection, entry, first, second, where or {})
    columns = metric_columns(connection, entry, metrics)
    on_outputs = [column for column in columns if column.level == "output"]
    on_sets = [column for column in columns if column.level == "set"]
    table = measure(connection, selection, columns)
    scores = prompt_scores(connection, selection, [column.metric for column in on_outputs])
    means = {metric: found.means for metric, found in scores.items()}
    pairs, identical = _identical(connection, selection)
    same = 0 < pairs == identical
    differences, sets = separated(
        metric_differences(on_outputs, means, table.cells, same_outputs=same),
        set_pairs(connection, selection, on_sets, table.cells, same_outputs=same),
    )
    prompts = next((found.prompts for found in scores.values()), ())
    tags = tags_of_prompts(connection, entry.digest, prompts)
    return Comparison(
        suite=entry.suite,
        version=entry.version,
        title=entry.title,
        digest=entry.digest,
        slice=selection.where,
        first=_side(connection, selection, table, 0, first.label),
        second=_side(connection, selection, table, 1, second.label),
        pairs=pairs,
        identical=identical,
        metrics=differences,
        sets=sets,
        slices=slice_differences(on_outputs, means, prompts, tags),
        apart=_apart(connection, selection, differences, scores, by, shown),
        differing=differing(connection, selection),
        notes=tuple(_notes(pairs, identical, table, differences)),
    )


def _side(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    table: Measured,
    place: int,
    label: str,
) -> SideFacts:
    variant = selection.variants[place]
    runs = connection.execute(
        selection.placed()
        + "SELECT DISTINCT run FROM placed WHERE variant = $place AND run IS NOT NULL ORDER BY run",
        selection.parameters | {"place": place},
    ).fetchall()
    return SideFacts(
        label=label,
        model=variant.model,
        title=variant.title,
        variant=variant.variant,
        licence=variant.licence,
        planned=table.planned[place],
        statuses=table.statuses[place],
        runs=tuple(run for (run,) in runs),
    )


def _identical(connection: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[int, int]:
    """How many prompts × seeds have ok outputs on both sides, and how many the same bytes."""
    [(pairs, equal)] = connection.execute(
        selection.placed()
        + """,
        held AS (
            SELECT p.variant, p.prompt_id, p.seed,
                   list(a.sha256 ORDER BY a.position) FILTER (a.sha256 IS NOT NULL) AS bytes
            FROM placed p
            LEFT JOIN output_artifacts a ON a.job_key = p.job_key AND a.take = p.take
                                        AND a.attempt = p.attempt
            WHERE p.status = 'ok' GROUP BY ALL
        )
        SELECT count(*), count(*) FILTER (a.bytes = b.bytes)
        FROM held a JOIN held b ON b.prompt_id = a.prompt_id AND b.seed = a.seed
        WHERE a.variant = 0 AND b.variant = 1
        """,
        selection.parameters,
    ).fetchall()
    return pairs, equal


def _apart(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    differences: Sequence[MetricDifference],
    scores: Mapping[str, PromptScores],
    by: str | None,
    shown: int,
) -> Apart | None:
    column = _telling(differences, by)
    if column is None:
        return None
    return prompts_apart(connection, selection, column, scores[column.metric], shown)


def _telling(differences: Sequence[MetricDifference], by: str | None) -> MetricColumn | None:
    if by is not None:
        for one in differences:
            if by in (one.column.metric, one.column.base):
                return one.column
        known = [one.column.metric for one in differences]
        raise unknown_name("metric on outputs in this comparison", by, known)
    some = [one for one in differences if one.paired.p is not None and one.paired.difference]
    separated = [one for one in some if one.better]
    return next((one.column for one in (*separated, *some)), None)


def _notes(
    pairs: int, identical: int, table: Measured, differences: Sequence[MetricDifference]
) -> Iterator[str]:
    if not pairs and any(one.paired.prompts for one in differences):
        yield "The sides share no seed: the means of their own seeds are compared, by prompt."
    elif not pairs:
        yield (
            "No prompt has ok outputs of both sides: there is nothing to compare but statuses and "
            "origins. Finish both with `evalharness run`."
        )
    elif identical == pairs:
        yield (
            f"All {pairs} outputs are identical, byte for byte: scores of what was made cannot "
            "differ, and nothing of them is tested."
        )
    elif identical:
        yield f"{identical} of {pairs} outputs are identical, byte for byte."
    if not table.prompts:
        yield "The suite has no prompts in this slice."
    if not differences:
        yield "No metric on outputs was measured: score them with `evalharness score`."
