"""`evalharness compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from evalharness.board.compare import compare, read_side
from evalharness.board.compare.tables import sheets
from evalharness.board.sheets import to_json
from evalharness.board.suites import find_suite
from evalharness.cli.options import (
    DEFAULT_STORE,
    MetricsOption,
    StoreOption,
    WhereOption,
    tags,
    words,
)
from evalharness.cli.output import Format, say_sheets
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store


def command(
    suite: Annotated[str, typer.Argument(help="A suite of the store, or a digest of a version.")],
    first: Annotated[
        str, typer.Argument(help="MODEL, MODEL@take1 (one take) or MODEL@run:RUN (one run's).")
    ],
    second: Annotated[str, typer.Argument(help="As FIRST; differences are SECOND minus FIRST.")],
    where: WhereOption = None,
    metrics: MetricsOption = "",
    by: Annotated[
        str | None, typer.Option("--by", help="The metric that prompts are shown by.")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TABLE,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Compare two models, two takes or two runs on their common prompts."""
    connection = connect(Store.open(store))
    entry = find_suite(connection, suite)
    found = compare(
        connection,
        entry.digest,
        read_side(first, entry.models),
        read_side(second, entry.models),
        where=tags(where or []),
        metrics=words(metrics) or None,
        by=by,
    )
    connection.close()
    if form == Format.JSON:
        print(to_json(found))
    else:
        say_sheets(sheets(found), form)
