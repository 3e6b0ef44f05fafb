"""Whole gates by the command line: a painter that differs by chance alone, again and again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from tests.validity.gate_pools import PAINTERS
from tests.validity.gate_sabotage import ROOT

GATES = 12


def whole_gates(folder: Path) -> dict[str, Any]:
    """How many came out how; a sleep of nothing makes every painter draw with other chances."""
    place = folder / "whole"
    place.mkdir()
    _write(place / "one.yaml", 0)
    _evalharness(place, "run", "tiny-gate", "--models", "one.yaml")
    _evalharness(place, "baseline", "save", "tiny-gate", "-o", "one.json")
    found: Counter[str] = Counter()
    identical = 0
    for number in range(1, GATES + 1):
        _write(place / "again.yaml", number)
        told = _evalharness(
            place, "gate", "tiny-gate", "--baseline", "one.json", "--models", "again.yaml",
            "--format", "json",
        )  # fmt: skip
        gate = json.loads(told)
        found[{"pass": "pass", "regression": "regression"}.get(_outcome(gate), "inconclusive")] += 1
        identical += sum(model["identical"] for model in gate["models"])
    return {"gates": GATES, "outcomes": dict(found), "identical": identical}


def _outcome(gate: dict[str, Any]) -> str:
    outcomes = {one["outcome"] for one in gate["judgements"]}
    if "regression" in outcomes:
        return "regression"
    return "pass" if outcomes <= {"pass", "not gated"} else "inconclusive"


def _write(file: Path, number: int) -> None:
    options = {**PAINTERS["usual"], "latency_s": number * 1e-9}
    model = {"name": "one", "backend": "painter", "options": options}
    file.write_text(yaml.safe_dump(model), encoding="utf-8")


def _evalharness(place: Path, *words: str) -> str:
    """Standard output; raises RuntimeError where nothing came of it."""
    done = subprocess.run(
        [sys.executable, "-m", "evalharness", *words, "--store", "store"],
        cwd=place, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(done.stderr)
    return done.stdout
