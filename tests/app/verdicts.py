"""Verdicts of a judge that nobody asked, written into a store by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from evalharness.board.compare.sides import Side
from evalharness.board.judged.contested import contested
from evalharness.board.suites import find_suite
from evalharness.ledger.ingest import Ingester
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect
from evalharness.ledger.rows import FeatureRow
from evalharness.ledger.store import Store
from tests.written import HOSTILE, PROMPTS

WEIGHTS = "sha256:0123456789abcdef"


def subjects_of(store: Path, prompts: Iterable[str]) -> list[str]:
    """What a judge is asked of two models' answers to some prompts, in both orders."""
    connection = connect(Store.open(store))
    entry = find_suite(connection, "written")
    found = contested(connection, entry, (Side("poor"), Side("good")), {}).contests.found
    connection.close()
    texts = {one["text"] for one in PROMPTS if one["id"] in prompts}
    return [subject for one in found if one.question.text in texts for subject in one.subjects()]


def say(
    store: Path,
    subjects: Iterable[str],
    *,
    failed: bool = False,
    weights: str = WEIGHTS,
    version: int = 1,
    day: int = 1,
) -> None:
    """The hostile judge finds whichever answer it looks at better, or gives no word at all."""
    opened = Store.open(store)
    rows = [
        FeatureRow(
            run="by hand", made_at=datetime(2026, 3, day, 9, place), subject=subject,
            feature_key=hashlib.sha256(f"{subject} {weights} {version}".encode()).hexdigest(),
            kind="exchange", instrument=HOSTILE, extractor="judge", weights=weights,
            version=version, status="failed" if failed else "ok",
            reason="timeout: nobody there" if failed else "", vector=None,
            scalar=None if failed else 1.0, text=f"{HOSTILE} [[A]]", detail=None,
        )
        for place, subject in enumerate(subjects)
    ]  # fmt: skip
    Journal(opened, f"by-hand-{day}-{failed}").write(rows)
    with Ingester(opened) as ingester:
        ingester.ingest()
        ingester.publish()
