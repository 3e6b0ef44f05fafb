from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from evalharness.core.errors import StoreError
from evalharness.core.outcomes import Status
from evalharness.ledger.durable import STAGING
from evalharness.ledger.encode import vector_array
from evalharness.ledger.journal import Journal
from evalharness.ledger.parts import MANIFEST, names
from evalharness.ledger.store import Store

FILL_DISK = """
import resource, signal, sys
import numpy as np
from datetime import datetime
from evalharness.core.errors import StoreError
from evalharness.ledger.artifacts import store_picture, store_text
from evalharness.ledger.journal import Journal
from evalharness.ledger.rows import FeatureRow, ScoreRow
from evalharness.ledger.store import Store

store = Store.create(sys.argv[1])
now = datetime(2026, 1, 1)
noise = np.random.default_rng(0)
score = ScoreRow(run="r", made_at=now, job_key="a", take=1, prompt="p", metric="m",
                 recipe="c", score_key="s", status="ok", reason="", value=1.0)
wide = FeatureRow(run="r", made_at=now, feature_key="f", subject="s", kind="picture",
                  instrument="i", extractor="e", weights="w", version=1, status="ok", reason="",
                  vector=noise.normal(size=200_000).astype(np.float32), scalar=None, text=None,
                  detail=None)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
for write in (
    lambda: Journal(store, "r").write([score, wide]),
    lambda: store_picture(store, noise.integers(0, 256, (300, 300, 3), dtype=np.uint8)),
    lambda: store_text(store, "x" * 200_000),
):
    try:
        write()
    except StoreError as error:
        print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(Journal(store, "r").write([score, wide]).name)
"""


def test_a_part_holds_one_file_per_table(store: Store, make) -> None:
    part = Journal(store, "run-1").write(
        [make.attempt("a"), make.score("a", "m"), make.attempt("b"), make.score("b", "m")]
    )
    assert part is not None
    assert part.parent == store.journal / "run-1"
    assert {p.name for p in part.iterdir()} == {"attempts.parquet", "scores.parquet", MANIFEST}
    metadata = pq.read_metadata(part / "scores.parquet")
    assert metadata.num_rows == 2
    assert metadata.metadata[b"evalharness.format"] == b"1"
    assert metadata.metadata[b"evalharness.schema"] == b"4"
    manifest = json.loads((part / MANIFEST).read_text())
    assert manifest["tables"]["attempts"]["rows"] == 2
    assert names(store) == [f"run-1/{part.name}"]
    assert not list((store.journal / STAGING).iterdir())


def test_no_rows_no_part(store: Store) -> None:
    assert Journal(store, "r").write([]) is None
    assert names(store) == []


@pytest.mark.parametrize(
    "run", ["", ".", "..", "../x", "a/b", "damaged", ".staging", "a\0", "x" * 101]
)
def test_a_run_that_is_no_folder_name_is_refused(store: Store, run: str) -> None:
    with pytest.raises(StoreError, match="A run cannot be named"):
        Journal(store, run)


def test_rows_that_break_their_type_write_nothing(store: Store, make) -> None:
    journal = Journal(store, "r")
    bad = [
        (make.attempt("a", status=None), "attempts.status is None"),
        (make.attempt("a", batch_size="many"), "'batch_size' expects BIGINT"),
        (make.attempt("a", take=2**63), "'take' expects BIGINT"),
        (make.feature("f", [[1.0, 2.0]]), "one dimension"),
    ]
    for row, message in bad:
        with pytest.raises(ValueError, match=message):
            journal.write([make.score("a", "m"), row])
    assert names(store) == []


def test_awkward_values_survive(store: Store, make, load, tables) -> None:
    load(
        store,
        [
            make.attempt("nul\0 and ünïcode 🎨", status=Status.OOM, reason="lone \ud800"),
            make.feature("f", np.float16([1.5, 2.5]), scalar=np.float32(0.5)),
            make.feature("empty", []),
            make.feature("none", None),
        ],
    )
    found = tables(store)
    assert found["attempts"][0][2:6] == ("nul\0 and ünïcode 🎨", 1, 1, "oom")
    assert found["attempts"][0][6] == "lone ?"
    vectors = {row[2]: row[11] for row in found["features"]}
    assert vectors == {"f": [1.5, 2.5], "empty": [], "none": None}


def test_times_with_a_zone_become_utc(store: Store, make, load, tables) -> None:
    load(store, [make.feature("f", None, made_at=datetime(2026, 5, 1, 12, tzinfo=UTC))])
    assert tables(store)["features"][0][1] == datetime(2026, 5, 1, 12)


def test_vectors_keep_their_numbers_and_lengths() -> None:
    vectors = [np.arange(n, dtype=np.float32) for n in (3, 0, 5)]
    array = vector_array([vectors[0], None, vectors[1], vectors[2]])
    assert array.null_count == 1
    assert array.to_pylist() == [[0, 1, 2], None, [], [0, 1, 2, 3, 4]]
    assert vector_array([]).to_pylist() == []


def test_many_writers_of_one_run(store: Store, make, load, tables) -> None:
    def write(worker: int) -> None:
        journal = Journal(store, "shared")
        for i in range(10):
            journal.write([make.attempt(f"{worker}-{i}"), make.score(f"{worker}-{i}", "m")])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    load(store)
    found = tables(store)
    assert len(found["ingested"]) == 40
    assert len(found["attempts"]) == len(found["scores"]) == len(found["outputs"]) == 40


def test_a_full_disk_shows_nothing_and_says_so(store: Store, python, load, tables) -> None:
    process = python(FILL_DISK, str(store.root))
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    *told, part = output.splitlines()
    assert len(told) == 3
    assert all(line.startswith("Disk full: could not write") for line in told)
    files = [p for p in store.root.rglob("*") if p.is_file() and p.parent.name != part]
    assert [p.name for p in files] == ["evalharness-store.json"]
    assert load(store) == []
    assert len(tables(store)["features"][0][11]) == 200_000


def test_a_part_is_whole_before_its_name_exists(store: Store, make, tmp_path: Path) -> None:
    # A run's folder that cannot be entered fails at the very last step, the rename.
    (store.journal / "r").write_text("in the way")
    with pytest.raises(StoreError, match="Cannot write"):
        Journal(store, "r").write([make.attempt("a")])
    assert not list((store.journal / STAGING).iterdir())
