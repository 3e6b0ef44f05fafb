"""`evalharness status`."""

from __future__ import annotations

from evalharness.board.status import StoreStatus, store_status
from evalharness.cli.options import DEFAULT_STORE, StoreOption
from evalharness.cli.output import show, table
from evalharness.ledger.published import connect, current_number
from evalharness.ledger.store import Store


def command(store: StoreOption = DEFAULT_STORE) -> None:
    """Show what a store holds: per suite and model what is done, open, and scored."""
    opened = Store.open(store)
    if not current_number(opened):
        print(f"{opened.root} is empty. Make results with `evalharness run`.")
        return
    connection = connect(opened)
    rows = store_status(connection)
    connection.close()
    found = table("suite", "model", "planned", "ok", "other", "open", "scored", "last run")
    for row in rows:
        found.add_row(*_cells(row))
    show(found if rows else f"{opened.root} has no suites yet.")


def _cells(row: StoreStatus) -> list[str]:
    other = ", ".join(f"{n} {s}" for s, n in sorted(row.statuses.items()) if s != "ok")
    scored = sum(count == row.ok for count in row.scores.values())
    return [
        f"{row.suite} v{row.version}",
        row.model,
        str(row.planned),
        str(row.ok),
        other or "–",
        str(row.pending),
        f"{scored} of {len(row.scores)} metrics",
        row.last_run or "–",
    ]
