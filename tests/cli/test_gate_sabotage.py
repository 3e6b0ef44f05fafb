"""tiny-base, sabotaged under its own name, against the committed baseline: real gates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validity.gate import expected
from tests.validity.gate_sabotage import gated, verdicts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all gates: what was looked at once is known to the next."""
    return tmp_path_factory.mktemp("sabotage")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["fewer-steps", "swapped-fine-tune", "wrong-scheduler"])
def test_a_sabotaged_model_fails_by_the_metrics_that_tell(name: str, folder: Path) -> None:
    told = expected()["sabotage"][name]
    found = gated(name, folder)
    outcomes = {metric: one["outcome"] for metric, one in verdicts(found).items()}
    assert found["exit"] == 1, outcomes
    assert {outcomes[metric] for metric in told["named"]} == {"regression"}, outcomes
    assert {outcomes[metric] for metric in told["passes"]} == {"pass"}, outcomes
