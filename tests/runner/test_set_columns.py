"""The board finds the features that a run measured with, and gets the same number."""

from pathlib import Path

import pytest

from evalharness.board.influences import set_column, set_difference
from evalharness.board.selection import select
from evalharness.board.suites import find_suite
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from tests.runner.test_references import pictures, write_folder


def test_a_runs_kid_is_the_boards(go, model, suite, tmp_path: Path, store: Path, ask_sql):
    write_folder(tmp_path / "photos", pictures(64))
    asked = suite(prompts=32, metrics=["kid[fake]"], reference="folder:photos")
    go(Asked(suites=(asked,), models=(model("a"), model("b", options={"refuse": 0.01}))))
    [(measured,)] = ask_sql("SELECT value FROM set_scores ORDER BY made_at LIMIT 1")
    connection = connect(Store.open(store))
    selection = select(connection, find_suite(connection, "pictures").digest)
    found = set_column(connection, selection, "kid[fake]", 0)
    assert (found.n, found.value) == (64, pytest.approx(measured, rel=1e-6))
    assert set_difference(connection, selection, "kid[fake]", 0, 0).difference == 0.0
    connection.close()
