"""`evalharness votes`."""

from __future__ import annotations

from typing import Annotated

import typer

from evalharness.board.leaderboard import leaderboard
from evalharness.board.sheets import to_json
from evalharness.board.vote_board import vote_board
from evalharness.board.vote_tables import vote_sheets
from evalharness.cli.options import (
    DEFAULT_STORE,
    MetricsOption,
    ModelsOption,
    StoreOption,
    WhereOption,
    tags,
    words,
)
from evalharness.cli.output import Format, say_sheets
from evalharness.ledger import parts
from evalharness.ledger.absorb import held
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store

WAITING = (
    "The journal holds more than is published, which may be votes: whatever writes the store "
    "publishes it within seconds, else the next run or `evalharness rebuild` does."
)


def command(
    suite: Annotated[str, typer.Argument(help="A suite of the store, or a digest of a version.")],
    where: WhereOption = None,
    models: ModelsOption = "",
    metrics: MetricsOption = "",
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Show what blind votes say of the models, and how far metrics agree with them."""
    opened = Store.open(store)
    connection = connect(opened)
    try:
        board = leaderboard(
            connection,
            suite,
            tags(where or []),
            words(metrics) or None,
            models=words(models) or None,
        )
        found = vote_board(connection, board)
        waiting = not held(connection).issuperset(parts.names(opened))
    finally:
        connection.close()
    if form == Format.JSON:
        print(to_json(found))
        return
    say_sheets(vote_sheets(found, board), form)
    if waiting:
        typer.echo(WAITING, err=True)
