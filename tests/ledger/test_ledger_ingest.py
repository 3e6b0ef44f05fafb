from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalharness.core.outcomes import TERMINAL, Status
from evalharness.ledger.database import connect_ledger
from evalharness.ledger.ingest import Ingester, is_current
from evalharness.ledger.journal import Journal
from evalharness.ledger.outputs import derivation
from evalharness.ledger.publish import publish_copy
from evalharness.ledger.published import connect
from evalharness.ledger.rows import ROW_TYPES, AttemptRow, Row, Vector
from evalharness.ledger.schema import OUTPUT_COLUMNS
from evalharness.ledger.store import Store

INGEST_AND_DIE = """
import os, sys
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.store import Store
ingester = Ingester(Store.create(sys.argv[1])).__enter__()
ingester.ingest()
os._exit(0)
"""
START = datetime(2026, 1, 1)
FEW = st.sampled_from(["a", "b"])
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False).map(lambda x: x + 0.0),  # sorting drops the sign of -0.0
    datetime: st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(
        lambda t: t.replace(fold=0)
    ),
    Vector: st.lists(st.floats(width=32, allow_nan=False), max_size=4).map(
        lambda xs: np.array(xs, np.float32) + np.float32(0)
    ),
}


def any_row(row_type: type[Row]) -> st.SearchStrategy[Row]:
    values: dict[str, st.SearchStrategy[Any]] = {}
    hints = get_type_hints(row_type)
    for field in fields(row_type):
        options = [h for h in get_args(hints[field.name]) if h is not type(None)]
        optional = type(None) in get_args(hints[field.name])
        value = VALUES.get(options[0] if optional else hints[field.name], st.text(max_size=8))
        if field.name in row_type.primary_key:
            value = st.integers(0, 1) if hints[field.name] is int else FEW
        if field.name == "made_at":
            value = st.integers(0, 3).map(lambda s: START + timedelta(microseconds=s))
        values[field.name] = st.none() | value if optional else value
    return st.builds(row_type, **values)


def plain(row: Row) -> tuple[Any, ...]:
    values = (getattr(row, field.name) for field in fields(row))
    return tuple(v.tolist() if isinstance(v, np.ndarray) else v for v in values)


def contents(store: Store, names: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
    with connect(store) as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in names
        }


def ingest_in_parts(batches: list[list[Row]], publish_each: bool, where: Path) -> Store:
    store = Store.create(where)
    journal = Journal(store, "r")
    with Ingester(store) as ingester:
        for batch in batches:
            journal.write(batch)
            if publish_each:
                ingester.ingest()
        ingester.ingest()
        ingester.publish()
    return store


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(ROW_TYPES).flatmap(any_row), min_size=1, max_size=25), st.data())
def test_whatever_the_order_of_parts_the_newest_row_of_each_key_is_there(
    rows: list[Row], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    size = data.draw(st.integers(1, 8))
    with tempfile.TemporaryDirectory() as folder:
        one = ingest_in_parts([rows], False, Path(folder) / "one")
        batches = [shuffled[i : i + size] for i in range(0, len(shuffled), size)]
        many = ingest_in_parts(batches, data.draw(st.booleans()), Path(folder) / "many")
        names = [row_type.table for row_type in ROW_TYPES] + ["outputs"]
        first, second = contents(one, names), contents(many, names)
    assert first == second
    for row_type in ROW_TYPES:
        newest: dict[tuple[Any, ...], list[Row]] = {}
        for row in (r for r in rows if type(r) is row_type):
            key = tuple(getattr(row, name) for name in row_type.primary_key)
            latest = max((r.made_at for r in newest.get(key, [])), default=datetime.min)
            if row.made_at > latest:
                newest[key] = [row]
            elif row.made_at == latest:
                newest[key].append(row)
        assert len(first[row_type.table]) == len(newest)
        possible = {repr(plain(row)) for tied in newest.values() for row in tied}
        assert {repr(found) for found in first[row_type.table]} <= possible


def latest_terminal(attempts: list[AttemptRow]) -> AttemptRow:
    final = [a for a in attempts if Status(a.status) in TERMINAL]
    return max(final or attempts, key=lambda a: a.attempt)


ATTEMPTS = st.lists(
    st.tuples(
        FEW, st.integers(1, 2), st.integers(1, 3), st.sampled_from(list(Status)), st.integers(0, 5)
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda a: (a[:3], a[4]),
)


@settings(max_examples=8, deadline=None)
@given(ATTEMPTS, st.integers(1, 5))
def test_outputs_are_kept_up_to_date_as_if_derived_at_once(
    make: Any, facts: list[tuple[str, int, int, Status, int]], size: int
) -> None:
    rows = [
        make.attempt(job, attempt, take=take, status=str(status), at=at, reason=f"{at}")
        for job, take, attempt, status, at in facts
    ]
    with tempfile.TemporaryDirectory() as folder:
        batches = [rows[i : i + size] for i in range(0, len(rows), size)]
        store = ingest_in_parts(batches, True, Path(folder) / "s")
        with connect(store) as connection:
            kept = sorted(connection.execute("SELECT * FROM outputs").fetchall())
            derived = sorted(connection.execute(derivation()).fetchall())
    assert kept == derived
    newest = {(r.job_key, r.take, r.attempt): r for r in sorted(rows, key=lambda r: r.made_at)}
    groups: dict[tuple[str, int], list[AttemptRow]] = {}
    for row in newest.values():
        groups.setdefault((row.job_key, row.take), []).append(row)
    expected = [latest_terminal(group) for group in groups.values()]
    names = [column.name for column in OUTPUT_COLUMNS]
    assert kept == sorted(tuple(getattr(row, name) for name in names) for row in expected)


def test_ingesting_again_does_nothing(store: Store, make) -> None:
    journal = Journal(store, "r")
    journal.write([make.attempt("a")])
    journal.write([make.attempt("b")])
    with Ingester(store) as ingester:
        assert ingester.ingest() == 2
        assert ingester.ingest() == 0
        journal.write([make.attempt("a", status="failed", at=-1)])
        assert ingester.ingest() == 1
    with Ingester(store) as ingester:
        assert ingester.ingest() == 0
        ingester.publish()
        assert ingester.notices == []
    with connect(store) as connection:
        found = connection.execute("SELECT job_key, status FROM outputs ORDER BY ALL").fetchall()
    assert found == [("a", "ok"), ("b", "ok")]


def test_the_same_rows_written_twice_stand_once(store: Store, make, load, tables) -> None:
    rows = [make.attempt("a"), make.score("a", "m"), make.feature("f", [1.0])]
    load(store, rows, rows, [*rows, *rows])
    found = tables(store)
    assert [len(found[name]) for name in ("attempts", "outputs", "scores", "features")] == [1] * 4


def test_a_later_row_replaces_even_a_vector(store: Store, make, load, tables) -> None:
    load(store, [make.feature("f", [1.0, 2.0])])
    later = START + timedelta(days=1)
    load(store, [make.feature("f", [3.0], made_at=later)])
    load(store, [make.feature("f", None, made_at=START + timedelta(hours=1))])
    assert [row[11] for row in tables(store)["features"]] == [[3.0]]


def test_a_fresh_take_stands_beside_the_old_one(store: Store, make, load, tables) -> None:
    load(store, [make.attempt("a")], [make.attempt("a", take=2, status="failed")])
    assert [row[3:6] for row in tables(store)["outputs"]] == [(1, 1, "ok"), (2, 1, "failed")]


def test_columns_an_old_part_lacks_become_null(store: Store, make, load, tables) -> None:
    import hashlib
    import json

    import pyarrow.parquet as pq

    part = Journal(store, "r").write([make.feature("f", [1.0], scalar=2.0)])
    path = part / "features.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["scalar", "detail"]), path)
    manifest = json.loads((part / "part.json").read_text())
    manifest["tables"]["features"] |= {
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    (part / "part.json").write_text(json.dumps(manifest))
    assert load(store, [make.feature("g", [1.0], scalar=3.0)]) == []
    assert {row[2]: row[12] for row in tables(store)["features"]} == {"f": None, "g": 3.0}


@pytest.mark.parametrize("name", ["[1] what*", "run=3", "{a,b}", "it's %s $files"])
def test_stores_in_oddly_named_folders(tmp_path: Path, make, load, tables, name: str) -> None:
    store = Store.create(tmp_path / name)
    load(store, [make.attempt("a")], [make.attempt("b")])
    assert len(tables(store)["outputs"]) == 2


def test_what_is_no_part_is_left_alone(store: Store, make, load, tables) -> None:
    (store.journal / "notes.txt").write_text("mine")
    Journal(store, "r").write([make.attempt("a")])
    (store.journal / "r" / ".DS_Store").write_text("mine")
    assert load(store) == []
    assert len(tables(store)["ingested"]) == 1
    assert (store.journal / "r" / ".DS_Store").exists()


def test_shuffled_reingestion_of_a_larger_journal(tmp_path: Path, make, tables, load) -> None:
    rng = random.Random(7)
    rows = [
        make.attempt(f"j{rng.randrange(40)}", rng.randrange(1, 4), status=rng.choice(list(Status)))
        for _ in range(300)
    ]
    rows = [replace(row, made_at=START + timedelta(seconds=i)) for i, row in enumerate(rows)]
    found = []
    for order in range(2):
        store = Store.create(tmp_path / str(order))
        rng.shuffle(rows)
        load(store, *(rows[i : i + 60] for i in range(0, 300, 60)))
        found.append(tables(store))
    assert found[0]["outputs"] == found[1]["outputs"]
    assert found[0]["attempts"] == found[1]["attempts"]


def write_another(store: Store, make: Any) -> None:
    Journal(store, "later").write([make.attempt("b")])


def ingest_another_unpublished(store: Store, make: Any) -> None:
    write_another(store, make)
    with Ingester(store) as ingester:
        ingester.ingest()


@pytest.mark.parametrize(
    "change",
    [
        write_another,
        ingest_another_unpublished,
        lambda store, make: store.current.unlink(),
        lambda store, make: store.current.write_text("board-7.duckdb"),
        lambda store, make: store.current.write_text("garbage"),
        lambda store, make: (store.root / "board-1.duckdb").unlink(),
        lambda store, make: (store.root / "board-1.duckdb").write_bytes(b"garbage" * 4000),
        lambda store, make: store.ledger.unlink(),
        lambda store, make: store.ledger.write_bytes(b"garbage" * 4000),
        lambda store, make: store.ledger.write_bytes(store.ledger.read_bytes()[:-5000]),
    ],
)
def test_whatever_is_missing_is_noticed_and_mended(store: Store, make, load, change) -> None:
    assert not is_current(store)
    load(store, [make.attempt("a")])
    assert is_current(store)
    change(store, make)
    assert not is_current(store)
    load(store)
    assert is_current(store)
    with connect(store) as connection:
        [(found,)] = connection.execute("SELECT count(*) FROM outputs").fetchall()
    assert found == 1 + (store.journal / "later").exists()


def test_a_ledger_whose_log_was_not_merged_is_not_current(store: Store, make, load, python) -> None:
    load(store, [make.attempt("a")])
    Journal(store, "r").write([make.attempt("b")])
    process = python(INGEST_AND_DIE, str(store.root))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert Path(f"{store.ledger}.wal").exists()
    assert not is_current(store)
    load(store)
    assert is_current(store)


def test_a_ledger_of_another_schema_is_not_current(store: Store, make, load) -> None:
    load(store, [make.attempt("a")])
    with connect_ledger(store.ledger) as connection:
        connection.execute("UPDATE schema_version SET version = 0")
    board = publish_copy(store)
    assert board.name == "board-2.duckdb"
    assert not is_current(store)
    load(store)
    assert is_current(store)


def test_looking_whether_it_is_current_touches_nothing(store: Store, make, load) -> None:
    load(store, [make.attempt("a")])
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*")}
    assert is_current(store)
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*")} == before
