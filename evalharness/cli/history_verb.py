"""`evalharness history`."""

from __future__ import annotations

from typing import Annotated

import typer

from evalharness.board.gate.history import history, history_sheets
from evalharness.board.sheets import to_json
from evalharness.board.suites import find_suite
from evalharness.cli.options import (
    DEFAULT_STORE,
    MetricsOption,
    ModelsOption,
    StoreOption,
    words,
)
from evalharness.cli.output import Format, say_sheets
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store


def command(
    suite: Annotated[str, typer.Argument(help="A suite of the store, or a digest of a version.")],
    models: ModelsOption = "",
    metrics: MetricsOption = "",
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Show what every run made in a suite, by model and metric, with intervals."""
    connection = connect(Store.open(store))
    entry = find_suite(connection, suite)
    found = history(connection, entry, models=words(models), metrics=words(metrics) or None)
    connection.close()
    if form == Format.JSON:
        print(to_json(found))
    else:
        say_sheets(history_sheets(found), form)
