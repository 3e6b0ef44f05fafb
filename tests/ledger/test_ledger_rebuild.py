from __future__ import annotations

import shutil

import pytest

from evalharness.core.errors import StoreError
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import current_number
from evalharness.ledger.rebuild import rebuild
from evalharness.ledger.store import Store


def filled(store: Store, make, load) -> None:
    load(store, [make.attempt("a", status="failed"), make.score("a", "m"), make.feature("f", [1])])
    load(store, [make.attempt("a", 2), make.attempt("b"), make.score("a", "m", 0.9, at=5)])


def test_the_tables_are_the_same_again(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    assert rebuild(store) == 2
    assert tables(store) == before
    assert current_number(store) == 3


def test_from_the_journal_alone(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    for path in store.root.iterdir():
        if path != store.journal:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    notices: list[str] = []
    assert rebuild(Store.create(store.root), notices) == 2
    assert tables(store) == before
    assert notices == []


def test_what_the_ledger_had_beside_the_journal_goes(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    moved = Journal(store, "later").write([make.attempt("c")])
    load(store)
    shutil.rmtree(moved)
    assert rebuild(store) == 2
    assert tables(store) == before


def test_damaged_parts_are_told(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    part = Journal(store, "r").write([make.attempt("c")])
    (part / "attempts.parquet").write_bytes(b"")
    notices: list[str] = []
    assert rebuild(store, notices) == 2
    assert len(notices) == 1
    assert len(tables(store)["outputs"]) == 2


def test_an_empty_journal_publishes_an_empty_ledger(store: Store, tables) -> None:
    assert rebuild(store) == 0
    assert tables(store)["outputs"] == []


def test_not_while_a_run_is_writing(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    with store.writing(), pytest.raises(StoreError, match="another run"):
        rebuild(store)
    assert tables(store) == before
