from __future__ import annotations

import json
import shutil

import duckdb
import pytest

from evalharness.core.errors import StoreError
from evalharness.ledger.durable import STAGING
from evalharness.ledger.journal import Journal
from evalharness.ledger.parts import MANIFEST
from evalharness.ledger.published import current_number
from evalharness.ledger.rebuild import Rebuilt, rebuild
from evalharness.ledger.store import Store

REBUILD_AND_DIE = """
import os, sys
from evalharness.ledger import database, rebuild
from evalharness.ledger.store import Store
rebuild.database.set_aside = lambda *_: os._exit(7)
rebuild.rebuild(Store.open(sys.argv[1]))
"""


def filled(store: Store, make, load) -> None:
    load(store, [make.attempt("a", status="failed"), make.score("a", "m"), make.feature("f", [1])])
    load(store, [make.attempt("a", 2), make.attempt("b"), make.score("a", "m", 0.9, at=5)])


def test_the_tables_are_the_same_again(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    assert rebuild(store).parts == 2
    assert tables(store) == before
    assert current_number(store) == 3


def test_from_the_journal_alone(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    for path in store.root.iterdir():
        if path != store.journal:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert rebuild(Store.mend(store.root)) == Rebuilt(2, (), None)
    assert Store.open(store.root) == store
    assert tables(store) == before


def test_what_the_ledger_had_beside_the_journal_goes(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    moved = Journal(store, "later").write([make.attempt("c")])
    load(store)
    shutil.rmtree(moved)
    assert rebuild(store).parts == 2
    assert tables(store) == before


def test_damaged_parts_are_told_and_the_old_ledger_still_has_them(
    store: Store, make, load, tables
) -> None:
    filled(store, make, load)
    part = Journal(store, "r").write([make.attempt("c")])
    load(store)
    (part / "attempts.parquet").write_bytes(b"")
    rebuilt = rebuild(store)
    assert rebuilt.parts == 2
    (told,) = rebuilt.damaged
    assert f"r/{part.name} is damaged" in told
    assert len(tables(store)["outputs"]) == 2
    assert rebuilt.before == store.root / "ledger.before-rebuild.duckdb"
    with duckdb.connect(str(rebuilt.before), read_only=True) as before:
        assert before.execute("SELECT count(*) FROM outputs").fetchall() == [(3,)]
    assert rebuild(store) == Rebuilt(2, (), rebuilt.before)
    with duckdb.connect(str(rebuilt.before), read_only=True) as before:
        assert before.execute("SELECT count(*) FROM outputs").fetchall() == [(2,)]


def test_a_rebuild_that_fails_leaves_the_old_ledger(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before, ledger = tables(store), store.ledger.read_bytes()
    part = Journal(store, "r").write([make.attempt("c")])
    manifest = json.loads((part / MANIFEST).read_text())
    (part / MANIFEST).write_text(json.dumps(manifest | {"schema": 99}))
    with pytest.raises(StoreError, match="Update evalharness"):
        rebuild(store)
    assert store.ledger.read_bytes() == ledger
    assert tables(store) == before
    assert not list((store.root / STAGING).iterdir())


def test_a_killed_rebuild_leaves_the_old_ledger(store: Store, make, load, tables, python) -> None:
    filled(store, make, load)
    before, ledger = tables(store), store.ledger.read_bytes()
    process = python(REBUILD_AND_DIE, str(store.root))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 7, errors
    assert len(list((store.root / STAGING).iterdir())) >= 1
    assert store.ledger.read_bytes() == ledger
    assert load(store) == []
    assert rebuild(store).parts == 2
    assert tables(store) == before


@pytest.mark.parametrize("ledger", [b"garbage" * 5000, None])
def test_a_damaged_or_lost_ledger_does_not_matter(
    store: Store, make, load, tables, ledger: bytes | None
) -> None:
    filled(store, make, load)
    before = tables(store)
    if ledger is None:
        store.ledger.unlink()
    else:
        store.ledger.write_bytes(ledger)
    rebuilt = rebuild(store)
    assert (rebuilt.parts, rebuilt.damaged) == (2, ())
    assert (rebuilt.before is None) == (ledger is None)
    assert tables(store) == before


def test_an_old_log_is_not_left_to_another_ledger(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    for name in ("ledger.duckdb.wal", "ledger.before-rebuild.duckdb.wal"):
        (store.root / name).write_bytes(b"another ledger's log")
    rebuild(store)
    assert not (store.root / "ledger.duckdb.wal").exists()
    rebuild(store)
    assert not (store.root / "ledger.before-rebuild.duckdb.wal").exists()
    assert load(store) == []
    assert tables(store) == before


def test_an_empty_journal_publishes_an_empty_ledger(store: Store, tables) -> None:
    assert rebuild(store).parts == 0
    assert tables(store)["outputs"] == []


def test_not_while_a_run_is_writing(store: Store, make, load, tables) -> None:
    filled(store, make, load)
    before = tables(store)
    with store.writing(), pytest.raises(StoreError, match="another run"):
        rebuild(store)
    assert tables(store) == before
