from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect
from evalharness.ledger.rows import (
    ROW_TYPES,
    ArtifactRow,
    AttemptRow,
    FeatureRow,
    JsonText,
    OutputArtifactRow,
    Row,
    ScoreRow,
)
from evalharness.ledger.store import Store

START = datetime(2026, 1, 1)


class Make:
    """Rows with everything but their keys filled in; `at` is seconds after START."""

    @staticmethod
    def attempt(job: str, attempt: int = 1, *, take: int = 1, at: float = 0, **changed: Any) -> Row:
        values: dict[str, Any] = {
            "status": "ok",
            "reason": "",
            "duration_s": 0.25,
            "batch_size": 4,
            "padded": False,
            "peak_memory_bytes": None,
            "cost": None,
            "device": "cpu",
            "notes": JsonText("[]"),
            "run": "r",
        }
        return AttemptRow(
            job_key=job,
            take=take,
            attempt=attempt,
            made_at=START + timedelta(seconds=at),
            **{**values, **changed},
        )

    @staticmethod
    def feature(key: str, vector: Sequence[float] | None, **changed: Any) -> Row:
        values: dict[str, Any] = {
            "subject": "s",
            "kind": "picture",
            "instrument": "i",
            "extractor": "e",
            "weights": "w",
            "version": 1,
            "status": "ok",
            "reason": "",
            "scalar": None,
            "text": None,
            "detail": None,
            "run": "r",
            "made_at": START,
        }
        held = None if vector is None else np.array(vector, np.float32)
        return FeatureRow(feature_key=key, vector=held, **{**values, **changed})

    @staticmethod
    def score(job: str, metric: str, value: float | None = 0.5, *, at: float = 0) -> Row:
        return ScoreRow(
            job_key=job,
            take=1,
            prompt="p",
            metric=metric,
            recipe="c",
            score_key=f"{metric}/{job}",
            status="ok",
            reason="",
            value=value,
            run="r",
            made_at=START + timedelta(seconds=at),
        )

    @staticmethod
    def text_artifact(sha256: str, text: str) -> Row:
        return ArtifactRow(
            sha256=sha256,
            kind="text",
            format="txt",
            bytes=len(text),
            width=None,
            height=None,
            frames=None,
            fps=None,
            duration_s=None,
            sample_rate=None,
            text=text,
            run="r",
            made_at=START,
        )

    @staticmethod
    def output_artifact(job: str, attempt: int, position: int, sha256: str) -> Row:
        return OutputArtifactRow(
            job_key=job,
            take=1,
            attempt=attempt,
            position=position,
            sha256=sha256,
            run="r",
            made_at=START,
        )


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store")


def _load(store: Store, *batches: Sequence[Row]) -> list[str]:
    journal = Journal(store, "r")
    for rows in batches:
        journal.write(rows)
    with Ingester(store) as ingester:
        ingester.ingest()
        ingester.publish()
    return ingester.notices


@pytest.fixture(scope="session")
def load() -> Callable[..., list[str]]:
    """Write batches of rows, ingest and publish; returns the ingester's notices."""
    return _load


def _tables(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    names = [row_type.table for row_type in ROW_TYPES] + ["outputs", "ingested", "schema_version"]
    connection = connect(store)
    try:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in names
        }
    finally:
        connection.close()


@pytest.fixture(scope="session")
def tables() -> Callable[[Store], dict[str, list[tuple[Any, ...]]]]:
    """Everything in the published copy, sorted."""
    return _tables


def _python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="session")
def python() -> Callable[..., subprocess.Popen[str]]:
    """Start a Python process on a piece of code with arguments."""
    return _python


@pytest.fixture
def read_only() -> Iterator[tuple[Path, Callable[[], None]]]:
    """A folder, and what makes it (and all in it) read-only for this process, root or not."""
    folder = Path(tempfile.mkdtemp(prefix="evalharness-"))
    folder.chmod(0o755)
    user = os.geteuid()

    def forbid() -> None:
        if user == 0:  # root may write anywhere, so be nobody for a while
            os.seteuid(65534)
        else:
            _change_modes(folder, 0o555)

    yield folder, forbid
    os.seteuid(user)
    _change_modes(folder, 0o755)
    shutil.rmtree(folder)


def _change_modes(folder: Path, mode: int) -> None:
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(mode)


@pytest.fixture
def ledger_rows() -> Callable[[Store, str], list[tuple[Any, ...]]]:
    """Read the ledger itself, while no ingester has it."""

    def read(store: Store, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(store.ledger), read_only=True) as connection:
            return connection.execute(query).fetchall()

    return read
