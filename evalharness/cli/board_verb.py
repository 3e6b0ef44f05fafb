"""`evalharness board`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from evalharness.board.leaderboard import Board, leaderboard, suites
from evalharness.board.tables import to_csv, to_json, to_markdown, to_rich
from evalharness.board.variants import Variants
from evalharness.cli.options import (
    DEFAULT_STORE,
    MetricsOption,
    ModelsOption,
    StoreOption,
    WhereOption,
    amounts,
    tags,
    words,
)
from evalharness.cli.output import show
from evalharness.core.errors import BadInputError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store


class Format(StrEnum):
    """How a board is written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"


def command(
    suite: Annotated[
        list[str] | None,
        typer.Argument(help="Suites, or digests of their versions; all of the store's if none."),
    ] = None,
    where: WhereOption = None,
    metrics: MetricsOption = "",
    sort: Annotated[str | None, typer.Option("--sort", help="The metric to order by.")] = None,
    all_variants: Annotated[
        bool,
        typer.Option("--all-variants", help="Every variant of a model, not its fullest only."),
    ] = False,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            "--weight", help="Part of a composite: clip_score=1, latency=0.2, …; repeatable."
        ),
    ] = None,
    common: Annotated[
        bool, typer.Option("--common", help="Only prompts that all the models answered.")
    ] = False,
    models: ModelsOption = "",
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Show leaderboards: means with 95 % intervals, n, statuses, and who ties with whom."""
    sliced, chosen = tags(where or []), words(metrics) or None
    composed = amounts("--weight", weight or [])
    connection = connect(Store.open(store))
    shown: Variants = "all" if all_variants else "fullest"
    names = suite or [entry.digest for entry in suites(connection) if entry.newest]
    if not names:
        raise BadInputError("This store has no suites yet. Make results with `evalharness run`.")
    for name in names:
        board = leaderboard(
            connection,
            name,
            sliced,
            chosen,
            models=words(models) or None,
            sort=sort,
            variants=shown,
            weights=composed,
            common=common,
        )
        print_board(board, form)
    connection.close()


def print_board(board: Board, form: Format = Format.TABLE) -> None:
    """One board on standard output."""
    if form == Format.TABLE:
        show(to_rich(board))
        return
    writers = {Format.MARKDOWN: to_markdown, Format.CSV: to_csv, Format.JSON: to_json}
    print(writers[form](board))
