from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from evalharness.core.errors import StoreError
from evalharness.ledger import database
from evalharness.ledger.ingest import Ingester, is_current
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect, current_number
from evalharness.ledger.rows import MetricRow
from evalharness.ledger.store import Store
from evalharness.runner.publishing import Publisher

HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""

ROW = MetricRow(
    run="r",
    made_at=datetime(2026, 1, 1),
    metric="m",
    version=1,
    title="t",
    unit="u",
    direction="higher",
    level="output",
    recipe="c",
)


@contextmanager
def ledger_held_elsewhere(store: Store) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.ledger)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate()


@pytest.fixture
def opened(store: Path) -> Store:
    return Store.create(store)


def write(store: Store, name: str) -> None:
    Journal(store, "r").write([replace(ROW, metric=name)])


def metrics(store: Store) -> list[str]:
    with connect(store) as connection:
        rows = connection.execute("SELECT metric FROM metrics ORDER BY ALL").fetchall()
    return [name for (name,) in rows]


def test_without_news_the_ledger_is_not_even_opened(opened: Store) -> None:
    write(opened, "a")
    Publisher(opened, print).now()
    with ledger_held_elsewhere(opened):
        publisher = Publisher(opened, print)
        publisher.now()
        publisher.now()
        write(opened, "b")
        with pytest.raises(StoreError, match="open in another process"):
            publisher.now()
    publisher.now()
    assert metrics(opened) == ["a", "b"]
    assert current_number(opened) == 2


def test_what_was_ingested_by_a_run_killed_before_publishing_is_published(opened: Store) -> None:
    write(opened, "a")
    Publisher(opened, print).now()
    write(opened, "b")
    with Ingester(opened) as killed:
        killed.ingest()
    assert metrics(opened) == ["a"]
    Publisher(opened, print).now()
    assert metrics(opened) == ["a", "b"]


def test_a_damaged_ledger_is_found_by_the_next_ingest(opened: Store) -> None:
    for name in "abc":
        write(opened, name)
    Publisher(opened, print).now()
    opened.ledger.write_bytes(opened.ledger.read_bytes()[:-9000])
    write(opened, "d")
    said: list[str] = []
    Publisher(opened, said.append).now()
    assert len(said) == 1
    assert "was damaged" in said[0]
    assert metrics(opened) == ["a", "b", "c", "d"]


def test_the_ledger_is_read_through_once_a_run(
    opened: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = []
    really = database.read_all
    monkeypatch.setattr(database, "read_all", lambda c: (readings.append(1), really(c)))
    for run in (1, 2):
        publisher = Publisher(opened, print)
        for name in "abc":
            write(opened, f"{name}{run}")
            publisher.now()
        assert len(readings) == run
    assert is_current(opened)
    assert len(metrics(opened)) == 6
