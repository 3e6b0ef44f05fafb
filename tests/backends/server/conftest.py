from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from evalharness.core.nouns import Json
from evalharness.runner.asked import Asked
from tests.backends.server.stub import MODEL

Question = Callable[..., Asked]


@pytest.fixture
def question(tmp_path: Path) -> Question:
    """Writes files that ask a served model some prompts: `asked-0`, `asked-1`, …."""

    def write(url: str, prompts: int = 6, **fields: Json) -> Asked:
        model = {"name": "tiny", "backend": "server", "source": f"{url}#{MODEL}", **fields}
        (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(model))
        suite = {
            "version": 1,
            "title": "Words",
            "modality": "text",
            "prompts": [{"text": f"asked-{n}", "target": f"asked-{n}"} for n in range(prompts)],
            "metrics": ["exact_match", "latency", "cost"],
        }
        (tmp_path / "words.yaml").write_text(yaml.safe_dump(suite))
        return Asked(suites=(str(tmp_path / "words.yaml"),), models=(str(tmp_path / "tiny.yaml"),))

    return write
