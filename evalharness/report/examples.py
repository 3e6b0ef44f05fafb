"""Answers in words that tell most of a suite: where models differ, do best and do worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.answers.checks import CheckEntry, checks_of
from evalharness.board.answers.marks import Reading, reading
from evalharness.board.answers.seen import Judgement, ProgramRun, seen_of
from evalharness.board.columns import MetricColumn
from evalharness.board.gallery import GalleryRow, gallery
from evalharness.board.gallery_sift import Order, Sift
from evalharness.board.outputs import GalleryOutput
from evalharness.core.nouns import Prompt

if TYPE_CHECKING:
    import duckdb

MOST_MODELS = 6
"""Models whose answers stand beside each other, in the order of the board."""
EACH = 2
"""Prompts of each kind."""

_KINDS: tuple[tuple[Order, str], ...] = (
    ("apart", "Where models differ most"),
    ("worst", "Where models do worst"),
    ("best", "Where models do best"),
)


@dataclass(frozen=True, slots=True)
class ExampleAnswer:
    """A model's first answer to a prompt, how it came out, and what instruments made of it.

    `output` is None where nothing was planned; `checks` are those that were measured.
    """

    title: str
    output: GalleryOutput | None
    read: Reading | None = None
    checks: tuple[CheckEntry, ...] = ()
    runs: tuple[ProgramRun, ...] = ()
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt with several models' answers; `why` it was chosen."""

    why: str
    prompt: Prompt
    answers: tuple[ExampleAnswer, ...]


def examples(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    models: Sequence[str],
    metric: MetricColumn | None,
) -> tuple[Example, ...]:
    """Prompts of a suite (by digest) that tell most by a metric, each once.

    Without a metric the suite's first ones.
    """
    kinds = _KINDS if metric is not None else (("suite", "The first prompts"),)
    found: dict[str, Example] = {}
    for order, why in kinds:
        sift = Sift(order, metric)
        page = gallery(
            connection, suite, models=models[:MOST_MODELS], limit=len(_KINDS) * EACH, sift=sift
        )
        told_of = [row for row in page.rows if metric is None or _measured(row, metric.metric)]
        new = [row for row in told_of if row.prompt_id not in found][:EACH]
        told = why if metric is None else f"{why}, by {metric.metric}"
        titles = {one.model: one.title for one in page.models}
        found |= {row.prompt_id: _example(connection, told, row, titles) for row in new}
    return tuple(found.values())


def _measured(row: GalleryRow, metric: str) -> bool:
    return any(metric in one.scores for outputs in row.cells.values() for one in outputs)


def _example(
    connection: duckdb.DuckDBPyConnection, why: str, row: GalleryRow, titles: dict[str, str]
) -> Example:
    answers = tuple(
        _answer(connection, row.prompt, title, row.cells.get(model, ()))
        for model, title in titles.items()
    )
    return Example(why, row.prompt, answers)


def _answer(
    connection: duckdb.DuckDBPyConnection,
    prompt: Prompt,
    title: str,
    outputs: Sequence[GalleryOutput],
) -> ExampleAnswer:
    if not outputs:
        return ExampleAnswer(title, None)
    output = outputs[0]
    if output.status != "ok" or output.kind != "text" or output.text is None or output.likely:
        return ExampleAnswer(title, output)
    whole = output.text if output.whole else None
    runs, judgements = seen_of(connection, prompt, whole) if whole is not None else ((), ())
    checks = checks_of(prompt, whole, output.scores)
    return ExampleAnswer(
        title,
        output,
        reading(prompt, output.text),
        tuple(one for one in checks if one.passed is not None),
        runs,
        judgements,
    )
