from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.rows import TagRow
from evalharness.ledger.store import MARKER, Store


def rebuild(store: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evalharness", "rebuild", "--store", str(store)],
        capture_output=True,
        text=True,
        check=False,
    )


def part(store: Store, tag: str) -> Path:
    row = TagRow(
        run="r", made_at=datetime(2026, 1, 1), suite="s", prompt_id="p", tag=tag, value="v"
    )
    written = Journal(store, "r").write([row])
    assert written is not None
    return written


def test_damaged_parts_are_told_and_fail_the_rebuild_once(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "results")
    part(store, "a")
    damaged = part(store, "b")
    with Ingester(store) as ingester:
        ingester.ingest()
        ingester.publish()
    (damaged / "tags.parquet").write_bytes(b"")
    first = rebuild(store.root)
    assert first.returncode == 1
    assert f"Journal part r/{damaged.name} is damaged" in first.stderr
    assert "from 1 parts" in first.stdout
    assert "kept as ledger.before-rebuild.duckdb" in first.stdout
    second = rebuild(store.root)
    assert (second.returncode, second.stderr) == (0, "")


def test_the_advice_for_a_strange_marker_works(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "results")
    part(store, "a")
    (store.root / MARKER).write_text("?")
    told = rebuild(store.root)
    assert told.returncode == 2
    assert "delete it and run `evalharness rebuild`" in told.stderr
    (store.root / MARKER).unlink()
    assert rebuild(store.root).returncode == 0
    assert Store.open(store.root) == store


def test_a_folder_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "journal" / "2026").mkdir(parents=True)
    refused = rebuild(tmp_path)
    assert refused.returncode == 2
    assert "There is no store" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["journal"]
