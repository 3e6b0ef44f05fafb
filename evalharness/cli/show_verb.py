"""`evalharness show`."""

from __future__ import annotations

from typing import Annotated

import typer

from evalharness.board.profile import profile
from evalharness.board.profile.tables import sheets
from evalharness.board.sheets import to_json
from evalharness.board.suites import suites
from evalharness.cli.options import DEFAULT_STORE, StoreOption
from evalharness.cli.output import Format, say_sheets
from evalharness.core.errors import unknown_name
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store


def command(
    model: Annotated[str, typer.Argument(help="A model of the store.")],
    suite: Annotated[
        list[str] | None,
        typer.Option("--suite", help="Suites (or digests of versions); repeatable. All if none."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Show what a model is like: its look, strengths, weaknesses, costs and family."""
    connection = connect(Store.open(store))
    entries = [entry for entry in suites(connection) if entry.newest]
    names = suite or [entry.digest for entry in entries if model in entry.models]
    if not names:
        raise unknown_name("model in this store", model, {m for e in entries for m in e.models})
    for name in names:
        found = profile(connection, name, model)
        if form == Format.JSON:
            print(to_json(found))
        else:
            say_sheets(sheets(found), form)
    connection.close()
