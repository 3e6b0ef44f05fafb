from __future__ import annotations

from pathlib import Path

import pytest

from evalharness.ledger.store import Store
from tests.app.conftest import fill
from tests.board.conftest import Bench


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Pictures, refusals, text answers, jobs never tried, and strings that mean harm."""
    return fill(Path(tmp_path_factory.mktemp("report")) / "results").store


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "store")
