from __future__ import annotations

import duckdb
import pytest

from evalharness.core.errors import StoreError
from evalharness.ledger.database import connect_ledger
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.publish import board_path, publish_copy
from evalharness.ledger.published import connect, current_number
from evalharness.ledger.rebuild import rebuild
from evalharness.ledger.store import Store

READ_FOR_EVER = """
import sys
from evalharness.ledger.published import connect, current_number
from evalharness.ledger.store import Store
store, last = Store.open(sys.argv[1]), 0
print("reading", flush=True)
while last < int(sys.argv[2]):
    with connect(store) as connection:
        [(outputs,)] = connection.execute("SELECT count(*) FROM outputs").fetchall()
        [(scores,)] = connection.execute("SELECT count(*) FROM scores").fetchall()
    assert outputs == scores >= last, (outputs, scores, last)
    last = outputs
print(last)
"""


def boards(store: Store) -> list[str]:
    return sorted(p.name for p in store.root.glob("board-*"))


def test_nothing_published_yet(store: Store) -> None:
    assert current_number(store) == 0
    with pytest.raises(StoreError, match=r"Nothing has been published .*evalharness run"):
        connect(store)


def test_copies_are_numbered_and_old_ones_go(store: Store, make, load) -> None:
    for i in range(4):
        load(store, [make.attempt(f"j{i}")])
        assert current_number(store) == i + 1
    assert boards(store) == ["board-3.duckdb", "board-4.duckdb"]
    assert store.current.read_text() == "board-4.duckdb\n"
    assert not (store.root / "ledger.duckdb.wal").exists()


def test_publishing_without_news_publishes_nothing(store: Store, make, load) -> None:
    load(store, [make.attempt("a")])
    with Ingester(store) as ingester:
        assert ingester.ingest() == 0
        assert ingester.publish() == board_path(store, 1)
        assert ingester.publish() == board_path(store, 1)
        Journal(store, "r").write([make.attempt("b")])
        assert ingester.ingest() == 1
        assert ingester.publish() == board_path(store, 2)


def test_a_publication_that_was_lost_is_made_again(store: Store, make, load, tables) -> None:
    load(store, [make.attempt("a")])
    board_path(store, 1).unlink()
    with pytest.raises(StoreError, match=r"board-1.duckdb cannot be opened.*rebuild"):
        connect(store)
    load(store)
    assert len(tables(store)["outputs"]) == 1


def test_a_damaged_copy_is_told(store: Store, make, load, tables) -> None:
    load(store, [make.attempt("a")])
    board_path(store, 1).write_bytes(b"garbage" * 4000)
    with pytest.raises(StoreError, match=r"board-1.duckdb cannot be opened.*rebuild"):
        connect(store)
    assert rebuild(store).parts == 1
    assert len(tables(store)["outputs"]) == 1


@pytest.mark.parametrize(
    "content", ["", "../../etc/passwd", "board-x.duckdb", "board-1.duckdb.tmp"]
)
def test_a_strange_current_is_told_and_healed(
    store: Store, make, load, tables, content: str
) -> None:
    load(store, [make.attempt("a")])
    store.current.write_text(content)
    with pytest.raises(StoreError, match="should name a published copy"):
        connect(store)
    load(store)
    assert current_number(store) == 2
    assert len(tables(store)["outputs"]) == 1


def test_an_open_reader_keeps_its_copy_while_newer_ones_come(store: Store, make, load) -> None:
    load(store, [make.attempt("a")])
    with connect(store) as reader:
        for i in range(3):
            load(store, [make.attempt(f"j{i}")])
        assert reader.execute("SELECT job_key FROM outputs").fetchall() == [("a",)]
        assert not board_path(store, 1).exists()
        with connect(store) as newer:
            assert newer.execute("SELECT count(*) FROM outputs").fetchall() == [(4,)]


def test_readers_in_other_processes_never_fail_and_never_go_back(
    store: Store, make, load, python
) -> None:
    def batch(i: int) -> list:
        return [make.attempt(f"j{i}"), make.score(f"j{i}", "m")]

    load(store, batch(0))
    reader = python(READ_FOR_EVER, str(store.root), "12")
    assert reader.stdout.readline() == "reading\n"
    for i in range(1, 12):
        load(store, batch(i))
    output, errors = reader.communicate(timeout=120)
    assert (output, errors) == ("12\n", "")


def test_a_published_copy_cannot_be_written(store: Store, make, load) -> None:
    load(store, [make.attempt("a")])
    with connect(store) as connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("DELETE FROM attempts")


def test_a_copy_is_the_ledger_byte_for_byte(store: Store, make, load) -> None:
    load(store, [make.attempt("a")])
    assert board_path(store, 1).read_bytes() == store.ledger.read_bytes()
    assert board_path(store, 1).stat().st_mtime_ns == store.ledger.stat().st_mtime_ns


def test_a_ledger_with_an_unmerged_log_is_not_published(store: Store, make, load) -> None:
    load(store, [make.attempt("a")])
    with connect_ledger(store.ledger) as other:
        other.execute("INSERT INTO ingested VALUES ('still in the WAL')")
        with pytest.raises(StoreError, match=r"cannot be published.*still has it open"):
            publish_copy(store)
    assert current_number(store) == 1
    assert boards(store) == ["board-1.duckdb"]
