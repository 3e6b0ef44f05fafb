from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.served import serving
from tests.looks import fill


@pytest.fixture(scope="session")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("looks"))


@pytest.fixture(scope="session")
def looks_address(looks: Path) -> Iterator[str]:
    with serving(looks / "store") as (address, _):
        yield address
