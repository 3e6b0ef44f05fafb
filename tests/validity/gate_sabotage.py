"""tiny-base sabotaged: does the gate fail, and by the metric that should tell?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
BASELINE = ROOT / "baselines" / "tiny-gate.json"

_WEIGHTS = "package:tinyworld/weights"
_BASE: Mapping[str, Any] = {
    "name": "tiny-base",
    "backend": "diffusers",
    "source": f"{_WEIGHTS}/tiny-base",
    "settings": {"steps": 15, "guidance": 2.0, "width": 64, "height": 64},
    "options": {"dtype": "float32"},
    "placement": {"batch_size": 32},
}
SABOTAGED: Mapping[str, Mapping[str, Any]] = {
    "fewer-steps": {**_BASE, "settings": {**_BASE["settings"], "steps": 2}},
    "swapped-fine-tune": {**_BASE, "adapters": [{"source": f"{_WEIGHTS}/tiny-photo"}]},
    "swapped-checkpoint": {**_BASE, "source": f"{_WEIGHTS}/tiny-undertrained"},
    "wrong-scheduler": {
        **_BASE,
        "settings": {
            **_BASE["settings"],
            "scheduler": "DDIMScheduler",
            "scheduler_config": {"prediction_type": "epsilon"},
        },
    },
}
"""The model under its own name, as somebody's mistake would leave it."""


def gated(sabotage: str, folder: Path) -> dict[str, Any]:
    """What `evalharness gate` says of a sabotaged tiny-base: its exit code and its JSON."""
    model = folder / f"{sabotage}.yaml"
    model.write_text(yaml.safe_dump(dict(SABOTAGED[sabotage])), encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable, "-m", "evalharness", "gate", "tiny-gate", "--baseline", str(BASELINE),
            "--models", str(model), "--store", str(folder / "store"), "--format", "json",
        ],
        cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    if done.returncode not in (0, 1, 3):
        raise RuntimeError(done.stderr)
    return {"exit": done.returncode, **json.loads(done.stdout)}


def verdicts(found: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By metric, the outcome and what it rests on."""
    kept = ("outcome", "baseline", "fresh", "worse", "epsilon", "p")
    return {one["metric"]: {name: one[name] for name in kept} for one in found["judgements"]}
