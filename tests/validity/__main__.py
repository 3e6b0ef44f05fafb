"""`python -m tests.validity`: paint, measure, judge, write `reports/validity.md`."""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path

from evalharness.core.nouns import Model
from evalharness.runner.provenance import machine, versions
from tests.validity.corruptions import CORRUPTIONS, SEEDS, corrupted, faultless, pool
from tests.validity.judging import Finding, expectations, findings
from tests.validity.laboratory import Numbers, measured
from tests.validity.networks import MODELS, judged
from tests.validity.page import Results, page

REPORTS = Path(__file__).resolve().parents[2] / "reports"


def main(store: Path) -> None:
    """Everything, into one store; a second call goes on where the first stopped."""
    expected = expectations()
    found: list[Finding] = []
    pools: dict[str, tuple[Numbers, list[Model]]] = {}
    with tempfile.TemporaryDirectory() as written:
        folder = Path(written)
        for suite in SEEDS:
            tried = [c for c in CORRUPTIONS if c.suite == suite]
            painters = [*faultless(suite), *(m for c in tried for m in corrupted(c)), *pool(suite)]
            metrics = list(expected[suite])
            numbers = measured(suite, metrics, painters, folder, store / suite)
            found += [f for c in tried for f in findings(c, numbers, expected[suite])]
            pools[suite] = numbers, pool(suite)
        networks = measured(
            "singles", list(expected["singles"]), MODELS, folder, store / "networks"
        )
    results = Results(found, pools, networks, judged(store / "networks", MODELS), _environment())
    (REPORTS / "validity.md").write_text(page(results), encoding="utf-8")
    _keep(results)
    for finding in found:
        if not finding.as_expected:
            print(f"{finding.metric} under {finding.corruption}: {finding}")


def _keep(results: Results) -> None:
    content = {
        "findings": [asdict(finding) for finding in results.findings],
        "networks": results.networks,
        "oracle": results.oracle,
    }
    text = json.dumps(_finite(content), indent=1, ensure_ascii=False, allow_nan=False)
    (REPORTS / "validity.json").write_text(text + "\n", encoding="utf-8")


def _finite(value: object) -> object:
    """JSON knows no NaN and no infinity: null stands for both."""
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _environment() -> str:
    place, used = machine(), versions()
    named = ", ".join(f"{name} {used[name]}" for name in ("torch", "numpy") if name in used)
    return f"Measured {date.today().isoformat()} on {place['cores']} cores; {named}."


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
