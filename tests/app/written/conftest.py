from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

import evalharness
from evalharness.board.compare.sides import Side
from evalharness.board.judged.contested import contested
from evalharness.board.suites import find_suite
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect
from evalharness.ledger.rows import FeatureRow
from evalharness.ledger.store import Store
from tests.app.served import serving
from tests.written import HOSTILE, JUDGE, PROMPTS, fill


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("written"))


@pytest.fixture(scope="session")
def written_address(written: Path) -> Iterator[str]:
    with serving(written) as (address, _):
        yield address


@pytest.fixture(scope="session")
def judged(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, judged by one that is fair and, on some prompts, by one that is hostile."""
    store = tmp_path_factory.mktemp("judged") / "store"
    shutil.copytree(written, store)
    evalharness.judge("written", JUDGE, models=["poor", "good"], store=store)
    opened = Store.open(store)
    connection = connect(opened)
    entry = find_suite(connection, "written")
    found = contested(connection, entry, (Side("poor"), Side("good")), {}).contests.found
    connection.close()
    texts = {one["id"]: one["text"] for one in PROMPTS}
    heard = {texts[name] for name in ("sum", "choice", "label", "hostile")}
    rows = [
        FeatureRow(
            run="by hand", made_at=datetime(2026, 3, 1, 9, place), subject=subject,
            feature_key=hashlib.sha256(subject.encode()).hexdigest(), kind="exchange",
            instrument=HOSTILE, extractor="judge", weights="sha256:0123456789abcdef", version=1,
            status="ok" if contest.question.text in heard else "failed",
            reason="" if contest.question.text in heard else "timeout: nobody there",
            vector=None, scalar=1.0 if contest.question.text in heard else None,
            text=f"{HOSTILE} [[A]]", detail=None,
        )
        for place, contest in enumerate(found)
        if contest.question.text in (*heard, texts["pattern"])
        for subject in contest.subjects()
    ]  # fmt: skip
    Journal(opened, "by-hand").write(rows)
    with Ingester(opened) as ingester:
        ingester.ingest()
        ingester.publish()
    return store


@pytest.fixture(scope="session")
def judged_address(judged: Path) -> Iterator[str]:
    with serving(judged) as (address, _):
        yield address
