"""`evalharness rebuild`."""

from __future__ import annotations

from evalharness.cli.options import DEFAULT_STORE, StoreOption
from evalharness.ledger.rebuild import rebuild
from evalharness.ledger.store import Store


def command(store: StoreOption = DEFAULT_STORE) -> None:
    """Make the ledger and the published copy anew from the journal's parts alone."""
    Store.open(store)
    opened = Store.create(store)
    parts = rebuild(opened)
    print(f"Rebuilt {opened.ledger} from {parts} parts.")
