from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.run import RunReport, run_asked

Write = Callable[..., str]


@pytest.fixture
def model(tmp_path: Path) -> Write:
    """Write a model file; its path is what `Asked` takes."""

    def write(name: str, **fields: Any) -> str:
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump({"name": name, "backend": "fake", **fields}))
        return str(path)

    return write


@pytest.fixture
def suite(tmp_path: Path) -> Write:
    """Write a suite file of fake pictures (or what the fields say)."""

    def write(
        name: str = "pictures", prompts: int | list[dict[str, str]] = 6, **fields: Any
    ) -> str:
        path = tmp_path / f"{name}.yaml"
        content = {
            "name": name,
            "version": 1,
            "title": "Things",
            "protocol": "recommended",
            "modality": "image",
            "prompts": (
                [f"thing number {n}" for n in range(prompts)]
                if isinstance(prompts, int)
                else prompts
            ),
            "seeds": 2,
            "metrics": ["clip_score[fake]", "latency"],
            **fields,
        }
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return write


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def go(store: Path) -> Callable[..., RunReport]:
    """Run what is asked on the test's store."""

    def run(asked: Asked, **arguments: Any) -> RunReport:
        return run_asked("test", store, asked, **arguments)

    return run


@pytest.fixture
def ask_sql(store: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    """Rows of a query on the newest published copy."""

    def ask(query: str) -> list[tuple[Any, ...]]:
        connection = connect(Store.open(store))
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    return ask
