"""Numbers that only a set of answers has (BLEU, macro F1) decide a gate, from a committed file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import evalharness
from evalharness.cli.main import _application

WORDS = ("river", "stone", "winter", "garden", "window", "letter", "market", "silver")
LABELS = ("happy", "sad", "angry")
METRICS = ("bleu", "chrf", "ter", "label.macro_f1")
PROMPTS = [
    {
        "id": f"say-{n}",
        "text": f"sentence {n}",
        "target": " ".join(WORDS[(n * k + k) % len(WORDS)] for k in range(1, 9)) + f" {n}",
    }
    for n in range(60)
] + [
    {"id": f"name-{n}", "text": f"mood {n}", "target": LABELS[n % 3], "checks": {"labels": LABELS}}
    for n in range(60)
]


def write_scribe(folder: Path, **options: object) -> Path:
    path = folder / "scribe.yaml"
    path.write_text(yaml.safe_dump({"name": "one", "backend": "scribe", "options": options}))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite of texts and the baseline of a scribe who is right nine times of ten."""
    found = tmp_path_factory.mktemp("written")
    suite = {
        "name": "written", "version": 1, "title": "Written", "modality": "text", "seeds": 1,
        "prompts": json.loads(json.dumps(PROMPTS)), "metrics": [*METRICS],
        "models": ["./scribe.yaml"],
    }  # fmt: skip
    (found / "written.yaml").write_text(yaml.safe_dump(suite))
    write_scribe(found, accuracy=0.9)
    evalharness.run(str(found / "written.yaml"), store=found / "store")
    words = ["baseline", "save", str(found / "written.yaml"), "-o", str(found / "base.json")]
    saved = CliRunner().invoke(_application(words), [*words, "--store", str(found / "store")])
    assert saved.exit_code == 0, saved.output
    return found


def gate(folder: Path, model: Path, store: Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code and judgements by metric, in a store that knows nothing of the baseline's."""
    words = ["gate", str(folder / "written.yaml"), "--models", str(model), "--format", "json"]
    words += ["--baseline", str(folder / "base.json"), "--store", str(store)]
    done = CliRunner().invoke(_application(words), words)
    assert done.stdout, done.output + str(done.exception)
    judged = json.loads(done.stdout)["judgements"]
    return done.exit_code, {one["metric"]: one for one in judged}


def test_a_model_that_writes_worse_fails_by_the_numbers_of_its_set(
    folder: Path, tmp_path: Path
) -> None:
    code, found = gate(folder, write_scribe(tmp_path, accuracy=0.4), tmp_path / "store")
    assert code == 1
    for name in METRICS:
        one = found[name]
        assert one["outcome"] == "regression", one
        assert one["low"] > 0 and one["p"] < 0.05 and one["detectable"] > 0
        assert one["prompts"] == (60 if name == "label.macro_f1" else 120)


def test_a_model_that_writes_as_well_is_no_regression(folder: Path, tmp_path: Path) -> None:
    _, found = gate(folder, write_scribe(tmp_path, accuracy=0.9, hand=1), tmp_path / "store")
    for name in METRICS:
        assert found[name]["outcome"] in ("pass", "inconclusive"), found[name]
        assert found[name]["low"] < 0


def test_a_model_that_writes_better_passes(folder: Path, tmp_path: Path) -> None:
    code, found = gate(folder, write_scribe(tmp_path, accuracy=1.0), tmp_path / "store")
    assert code == 0
    assert {found[name]["outcome"] for name in METRICS} == {"pass"}
