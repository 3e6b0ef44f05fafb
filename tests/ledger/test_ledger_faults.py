from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from evalharness.core.errors import StoreError
from evalharness.ledger.durable import ABANDONED_AFTER_S, STAGING
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.parts import MANIFEST, names
from evalharness.ledger.rebuild import rebuild
from evalharness.ledger.rows import Row
from evalharness.ledger.store import Store

WRITE_FOR_EVER = """
import sys
from datetime import datetime
from evalharness.ledger.journal import Journal
from evalharness.ledger.rows import ScoreRow, SetScoreRow
from evalharness.ledger.store import Store

journal, life = Journal(Store.create(sys.argv[1]), "r"), sys.argv[2]
common = dict(run="r", made_at=datetime(2026, 1, 1), recipe="c", score_key="k", status="ok",
              reason="")
for i in range(1_000_000):
    rows = [ScoreRow(job_key=f"{life}-{i}-{n}", take=1, prompt="p", metric="m", value=1.0, **common)
            for n in range(3)]
    rows.append(SetScoreRow(suite="s", variant=f"{life}-{i}", metric="m", value=1.0, low=None,
                            high=None, n=3, reference=None, **common))
    journal.write(rows)
    print(f"{life}-{i}", flush=True)
"""

INGEST_AND_DIE = """
import os, sys
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.store import Store
ingester = Ingester(Store.create(sys.argv[1])).__enter__()
for _ in range(int(sys.argv[2])):
    ingester.ingest()
os._exit(0)
"""

INGEST_ON_FULL_DISK = """
import resource, sys
from evalharness.core.errors import StoreError
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.store import Store
def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def attempt(step):
    limit(40_000)
    try:
        step()
        print("done")
    except StoreError as error:
        print(error)
    limit(resource.RLIM_INFINITY)

with Ingester(Store.create(sys.argv[1])) as ingester:
    attempt(ingester.ingest)
    print(ingester.ingest(), ingester.notices)
    attempt(ingester.publish)
    print(ingester.publish().name)
"""

HOLD_LEDGER = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
time.sleep(60)
"""


def test_kill_9_loses_nothing_acknowledged_and_doubles_nothing(
    store: Store, python, load, tables
) -> None:
    rng, acknowledged = random.Random(3), set[str]()
    for life in range(4):
        writer = python(WRITE_FOR_EVER, str(store.root), str(life))
        acknowledged.add(writer.stdout.readline().strip())
        time.sleep(rng.uniform(0.0, 0.15))
        writer.send_signal(signal.SIGKILL)
        output, _ = writer.communicate()
        acknowledged |= set(output.split("\n")[:-1])
    assert load(store) == []
    found = tables(store)
    sets = {row[3] for row in found["set_scores"]}
    assert acknowledged <= sets
    assert len(sets) - len(acknowledged) <= 4, "at most the part in flight, once a life"
    assert sorted(row[2] for row in found["scores"]) == sorted(
        f"{part}-{n}" for part in sets for n in range(3)
    )
    assert len(found["ingested"]) == len(sets) == len(found["set_scores"])


def some_parts(store: Store, make, count: int = 4) -> list[Path]:
    journal = Journal(store, "r")
    return [
        journal.write([make.attempt(f"j{i}"), make.score(f"j{i}", "m"), make.feature(f"f{i}", [i])])
        for i in range(count)
    ]


def truncate(part: Path) -> None:
    path = part / "scores.parquet"
    path.write_bytes(path.read_bytes()[:-50])


def flip(part: Path) -> None:
    path = part / "attempts.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 4
    path.write_bytes(data)


def lose_a_file(part: Path) -> None:
    (part / "features.parquet").unlink()


def empty(part: Path) -> None:
    (part / "attempts.parquet").write_bytes(b"")


def lose_the_manifest(part: Path) -> None:
    (part / MANIFEST).unlink()


def halve_the_manifest(part: Path) -> None:
    (part / MANIFEST).write_bytes((part / MANIFEST).read_bytes()[:40])


def empty_the_manifest(part: Path) -> None:
    (part / MANIFEST).write_text("[]")


@pytest.mark.parametrize(
    "damage",
    [truncate, flip, lose_a_file, empty, lose_the_manifest, halve_the_manifest, empty_the_manifest],
)
def test_a_damaged_part_is_quarantined_whole_and_told(
    store: Store, make, load, tables, damage
) -> None:
    parts = some_parts(store, make)
    damage(parts[1])
    (notice,) = load(store)
    assert f"r/{parts[1].name} is damaged" in notice
    assert (store.journal / "damaged" / "r" / parts[1].name).is_dir()
    assert not parts[1].exists()
    found = tables(store)
    assert [row[2] for row in found["attempts"]] == ["j0", "j2", "j3"]
    assert [row[2] for row in found["scores"]] == ["j0", "j2", "j3"]
    assert load(store) == []


def test_the_same_part_can_be_damaged_twice(store: Store, make, load) -> None:
    (part,) = some_parts(store, make, 1)
    copy = store.root / "copy"
    shutil.copytree(part, copy)
    truncate(part)
    load(store)
    shutil.move(copy, part)
    truncate(part)
    assert len(load(store)) == 1
    assert len(list((store.journal / "damaged" / "r").iterdir())) == 2


def test_a_whole_part_that_was_only_staged_is_never_ingested(
    store: Store, make, load, tables
) -> None:
    """Killed just before the rename: nobody was told that the part was written."""
    (part,) = some_parts(store, make, 1)
    staged = store.journal / STAGING / "left"
    part.rename(staged)
    assert load(store, [make.attempt("other")]) == []
    assert [row[2] for row in tables(store)["attempts"]] == ["other"]
    old = time.time() - ABANDONED_AFTER_S - 1
    os.utime(staged, (old, old))
    with store.writing():
        assert not staged.exists()
    assert rebuild(store).parts == 1
    assert [row[2] for row in tables(store)["attempts"]] == ["other"]


@pytest.mark.parametrize("version", ["format", "schema"])
def test_a_newer_part_is_refused_and_left_where_it_is(
    store: Store, make, load, version: str
) -> None:
    parts = some_parts(store, make, 2)
    manifest = json.loads((parts[1] / MANIFEST).read_text())
    manifest[version] += 1
    manifest["tables"] = {"a newer way to say it": 1}
    (parts[1] / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match=rf"journal part r/\S+ \({version}\).*Update evalharness"):
        load(store)
    assert len(names(store)) == 2


def many_rows(make) -> list[Row]:
    return [
        row
        for i in range(400)
        for row in (
            make.attempt(f"{i:05}" * 5),
            make.score(f"{i:05}" * 5, "m", i / 7),
            make.feature(f"{i:05}", [i] * 64),
        )
    ]


def without_parts(found: dict) -> dict:
    return {name: rows for name, rows in found.items() if name != "ingested"}


def test_a_bit_flipped_ledger_is_made_again(store: Store, make, load, tables) -> None:
    load(store, many_rows(make))
    whole, data = tables(store), store.ledger.read_bytes()
    rng, noticed = random.Random(5), 0
    positions = [rng.randrange(len(data)) for _ in range(7)]
    for position in positions:
        flipped = bytearray(data)
        flipped[position] ^= 1 << rng.randrange(8)
        store.ledger.write_bytes(flipped)
        noticed += len(load(store))
        assert tables(store) == whole
    assert noticed, "no flip hit a block in use: choose other positions"


@pytest.mark.parametrize("content", [b"", b"garbage" * 5000, None])
def test_a_ledger_that_is_none_is_made_again(
    store: Store, make, load, tables, content: bytes | None
) -> None:
    load(store, many_rows(make))
    whole = tables(store)
    if content is None:
        store.ledger.write_bytes(store.ledger.read_bytes()[:20_000])
    else:
        store.ledger.write_bytes(content)
    notices = load(store)
    assert tables(store) == whole
    if content != b"":  # an empty file is a new database to DuckDB, and nothing is lost by it
        assert "was damaged" in notices[0]
        assert "made again from 1 journal parts" in notices[0]
        assert (store.root / "ledger.damaged.duckdb").exists()


def test_publishing_after_damage_publishes_everything(store: Store, make, load, tables) -> None:
    load(store, many_rows(make))
    whole = tables(store)
    store.ledger.write_bytes(b"garbage" * 5000)
    with Ingester(store) as ingester:
        ingester.publish()
    assert tables(store) == whole


def ingest_part_by_part_and_die(store: Store, python, batches: list[list[Row]]) -> None:
    for batch in batches:
        Journal(store, "r").write(batch)
        process = python(INGEST_AND_DIE, str(store.root), "1")
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


def test_a_truncated_or_flipped_wal_loses_nothing(store: Store, make, load, tables, python) -> None:
    rows = many_rows(make)
    load(store, rows[:300])
    ingest_part_by_part_and_die(store, python, [rows[300:]])
    wal = Path(f"{store.ledger}.wal")
    ledger, log = store.ledger.read_bytes(), wal.read_bytes()
    assert len(log) > 10_000
    load(store)
    whole = tables(store)
    assert len(whole["attempts"]) == 400
    rng, told = random.Random(11), 0
    for cut in (0, 20, len(log) // 2, len(log) - 3, None, None):
        store.ledger.write_bytes(ledger)
        damaged = bytearray(log[:cut])
        if cut is None:
            damaged[rng.randrange(len(log))] ^= 16
        wal.write_bytes(damaged)
        told += len(load(store))
        assert tables(store) == whole
    assert told >= 1, "a flipped WAL cannot be replayed, and that must be told"


def test_killed_ingesters_leave_a_ledger_that_goes_on(
    store: Store, make, tables, python, load
) -> None:
    rows = many_rows(make)
    ingest_part_by_part_and_die(store, python, [rows[:300], rows[300:600]])
    assert load(store, rows[600:]) == []
    found = tables(store)
    assert [len(found[name]) for name in ("attempts", "scores", "features")] == [400] * 3
    assert len(found["ingested"]) == 3


def test_a_ledger_open_elsewhere_is_refused_not_replaced(
    store: Store, make, load, tables, python
) -> None:
    load(store, [make.attempt("a")])
    holder = python(HOLD_LEDGER, str(store.ledger))
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match=rf"open in another process.*PID {holder.pid}"):
            Ingester(store).__enter__()
    finally:
        holder.kill()
        holder.communicate()
    assert not (store.root / "ledger.damaged.duckdb").exists()
    assert load(store, [make.attempt("b")]) == []
    assert len(tables(store)["outputs"]) == 2


def test_a_full_disk_stops_the_ingester_and_loses_nothing(
    store: Store, make, load, tables, python
) -> None:
    load(store, [make.attempt("first")])
    Journal(store, "r").write(many_rows(make))
    process = python(INGEST_ON_FULL_DISK, str(store.root))
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    full_ingest, ingested, full_publish, published = output.splitlines()
    assert full_ingest.startswith("Disk full: could not write")
    assert ingested == "1 []"
    assert full_publish.startswith("Disk full: could not ")
    assert published == "board-2.duckdb"
    assert len(tables(store)["attempts"]) == 401
    assert not (store.root / "ledger.damaged.duckdb").exists()
    assert not list((store.root / STAGING).iterdir())
