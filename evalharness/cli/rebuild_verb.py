"""`evalharness rebuild`."""

from __future__ import annotations

import sys

import typer

from evalharness.cli.main import EXIT_PROBLEMS
from evalharness.cli.options import DEFAULT_STORE, StoreOption
from evalharness.ledger.rebuild import rebuild
from evalharness.ledger.store import Store


def command(store: StoreOption = DEFAULT_STORE) -> None:
    """Make the ledger and the published copy anew from the journal's parts alone."""
    opened = Store.mend(store)
    rebuilt = rebuild(opened)
    print(f"Rebuilt {opened.ledger} from {rebuilt.parts} parts.")
    for notice in rebuilt.damaged:
        print(notice, file=sys.stderr)
    if rebuilt.before is not None:
        print(f"The ledger as it was is kept as {rebuilt.before.name} until the next rebuild.")
    if rebuilt.damaged:
        raise typer.Exit(EXIT_PROBLEMS)
