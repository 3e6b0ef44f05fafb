from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evalharness.core.errors import StoreError
from evalharness.ledger import schema
from evalharness.ledger.durable import ABANDONED_AFTER_S, staged_path
from evalharness.ledger.published import connect
from evalharness.ledger.store import FORMAT, MARKER, Store

HOLD = """
import sys, time
from evalharness.ledger.store import Store
with Store.create(sys.argv[1]).writing():
    print("held", flush=True)
    time.sleep(60)
"""

HOLD_AND_FORK = """
import os, sys, time
from evalharness.ledger.store import Store
with Store.create(sys.argv[1]).writing():
    child = os.fork()
    if child:
        print(child, flush=True)
    time.sleep(60)
"""


def test_create_then_open(tmp_path: Path) -> None:
    created = Store.create(tmp_path / "deep" / "store")
    assert Store.create(created.root) == created
    assert Store.open(created.root) == created
    assert json.loads((created.root / MARKER).read_text()) == {
        "format": FORMAT,
        "schema": schema.VERSION,
    }


def test_open_where_there_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no store in .*evalharness run"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match="There is no store"):
        Store.open(tmp_path / "missing")


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ({"format": FORMAT, "schema": schema.VERSION + 1}, "schema version"),
        ({"format": FORMAT + 1, "schema": schema.VERSION}, "store format"),
    ],
)
@pytest.mark.parametrize("verb", [Store.create, Store.open])
def test_a_newer_store_is_refused(
    store: Store, marker: dict[str, int], message: str, verb: Callable[[Path], Store]
) -> None:
    (store.root / MARKER).write_text(json.dumps(marker))
    with pytest.raises(StoreError, match=f"{message} .*Update evalharness"):
        verb(store.root)
    assert json.loads((store.root / MARKER).read_text()) == marker


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": 1', '{"format": "x", "schema": 1}'])
def test_a_damaged_marker_is_told(store: Store, text: str) -> None:
    (store.root / MARKER).write_text(text)
    with pytest.raises(StoreError, match="does not say what made this store"):
        Store.open(store.root)


def test_a_store_without_its_marker_is_mended_where_it_has_parts(
    tmp_path: Path, make, load, tables
) -> None:
    store = Store.create(tmp_path / "store")
    (store.root / MARKER).unlink()
    with pytest.raises(StoreError, match="There is no store"):
        Store.mend(store.root)
    assert not (store.root / MARKER).exists()
    load(store, [make.attempt("a")])
    assert Store.mend(store.root) == store
    assert Store.open(store.root) == store


def test_mending_refuses_what_it_does_not_know(store: Store, make, load) -> None:
    load(store, [make.attempt("a")])
    for text, message in (("{}", "delete it and run"), ('{"format": 9, "schema": 1}', "Update")):
        (store.root / MARKER).write_text(text)
        with pytest.raises(StoreError, match=message):
            Store.mend(store.root)
        assert (store.root / MARKER).read_text() == text
    (store.root / MARKER).unlink()
    Store.mend(store.root)
    assert Store.open(store.root) == store


def test_an_older_marker_is_brought_up(store: Store) -> None:
    (store.root / MARKER).write_text(json.dumps({"format": FORMAT, "schema": schema.VERSION - 1}))
    Store.create(store.root)
    assert json.loads((store.root / MARKER).read_text())["schema"] == schema.VERSION


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "store"):
        with pytest.raises(StoreError, match="--store"):
            Store.create(path)
        with pytest.raises(StoreError):
            Store.open(path)


def test_a_read_only_folder_is_refused_for_writing(
    read_only: tuple[Path, Callable[[], None]],
) -> None:
    folder, forbid = read_only
    store = Store.create(folder / "store")
    forbid()
    for path in (folder / "other", store.root):
        with pytest.raises(StoreError, match=r"Permission denied.*--store"):
            Store.create(path)
    with pytest.raises(StoreError, match="Permission denied"), store.writing():
        pass


def test_a_read_only_store_can_be_read(
    read_only: tuple[Path, Callable[[], None]], make, load
) -> None:
    folder, forbid = read_only
    store = Store.create(folder / "store")
    load(store, [make.attempt("a")])
    forbid()
    with connect(Store.open(store.root)) as connection:
        assert connection.execute("SELECT job_key FROM outputs").fetchall() == [("a",)]


def test_a_second_writer_is_refused_by_pid(store: Store, python) -> None:
    holder = python(HOLD, str(store.root))
    try:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(StoreError, match=rf"another run \(PID {holder.pid}\)"),
            store.writing(),
        ):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with store.writing():
        assert (store.root / "lock").read_text() == f"{os.getpid()}\n"


def test_a_second_writer_in_this_process_is_refused(store: Store) -> None:
    with store.writing():
        with pytest.raises(StoreError, match=f"PID {os.getpid()}"), store.writing():
            pass
        with pytest.raises(StoreError), store.writing():
            pass
    with store.writing():
        pass


def test_a_forked_child_does_not_keep_the_lock(store: Store, python) -> None:
    holder = python(HOLD_AND_FORK, str(store.root))
    child = int(holder.stdout.readline())
    try:
        holder.kill()
        holder.wait()
        os.kill(child, 0)
        deadline = time.monotonic() + 10
        while True:  # the child runs its after-fork handler when it is scheduled
            try:
                with store.writing():
                    break
            except StoreError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        os.kill(child, 0)
    finally:
        os.kill(child, signal.SIGKILL)
        holder.stdout.close()
        holder.stderr.close()


def test_writing_sweeps_what_killed_processes_left(store: Store) -> None:
    left, fresh = staged_path(store.artifacts, ".png"), staged_path(store.artifacts, ".png")
    folder = staged_path(store.journal)
    folder.mkdir()
    (folder / "scores.parquet").write_bytes(b"half")
    left.write_bytes(b"half")
    fresh.write_bytes(b"being written")
    old = time.time() - ABANDONED_AFTER_S - 1
    os.utime(left, (old, old))
    os.utime(folder, (old, old))
    with store.writing():
        assert not left.exists()
        assert not folder.exists()
        assert fresh.exists()


def test_errors_name_the_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=re.escape(str(tmp_path / "nothing"))):
        Store.open(tmp_path / "nothing")


def test_a_path_duckdb_would_misread_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"A store cannot lie in .*what\?"):
        Store.create(tmp_path / "what?" / "store")
    assert not (tmp_path / "what?").exists()
