"""Do metrics move as they should? Painters with programmed mistakes, and trained generators."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.validity.corruptions import CORRUPTIONS, SEEDS, corrupted, faultless, pool
from tests.validity.judging import correlations, expectations, findings
from tests.validity.laboratory import measured
from tests.validity.metrics_lines import lines
from tests.validity.networks import MODELS, judged

__all__ = ["lines", "measure"]


def measure() -> dict[str, Any]:
    """Every corruption and every pool of the laboratory's suites, and the trained networks."""
    expected = expectations()
    found, ranked = [], {}
    with tempfile.TemporaryDirectory() as written:
        folder = Path(written)
        for suite in SEEDS:
            tried = [c for c in CORRUPTIONS if c.suite == suite]
            painters = [*faultless(suite), *(m for c in tried for m in corrupted(c)), *pool(suite)]
            metrics = list(expected[suite])
            numbers = measured(suite, metrics, painters, folder, folder / suite)
            found += [f for c in tried for f in findings(c, numbers, expected[suite])]
            ranked[suite] = {name: correlations(numbers, pool(suite), name) for name in metrics}
        store = folder / "networks"
        networks: Mapping[str, Mapping[str, float]] = measured(
            "singles", list(expected["singles"]), MODELS, folder, store
        )
        oracle = judged(store, MODELS)
    return {
        "findings": [asdict(finding) for finding in found],
        "correlations": ranked,
        "networks": networks,
        "oracle": oracle,
    }
