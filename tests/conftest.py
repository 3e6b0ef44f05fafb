"""What every test starts from: no network, no GPU, its own cache, slow tests only when asked for.

No GPU, because what the tests compare with is computed on the CPU, and small random networks make
much of its rounding. What only a GPU shows is in `tests/benchmarks/gpu.py`.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser import launched

os.environ["CUDA_VISIBLE_DEVICES"] = ""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="also run tests marked slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--run-slow"):
        return
    skip = pytest.mark.skip(reason="slow: give --run-slow to run it")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def _no_network_and_own_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("EVALHARNESS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Of a module, because Playwright's loop would be in the way of what runs loops of its own."""
    with launched() as chromium:
        yield chromium
