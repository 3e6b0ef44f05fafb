from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.served import serving
from tests.written import fill


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("written"))


@pytest.fixture(scope="session")
def written_address(written: Path) -> Iterator[str]:
    with serving(written) as (address, _):
        yield address
