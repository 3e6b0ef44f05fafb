"""Runs the laboratory's suites through the ordinary pipeline and reads the numbers back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from evalharness.api import leaderboard, run
from evalharness.core.errors import HarnessError
from evalharness.core.keys import plain
from evalharness.core.nouns import Model, Prompt
from tests.validity.corruptions import SEEDS, prompts

Numbers = Mapping[str, Mapping[str, float]]
"""model → metric → value; NaN where a metric gave none."""

REFERENCE = "tinyworld:1024"


def write_suite(
    suite: str,
    metrics: Sequence[str],
    folder: Path,
    seeds: int | None = None,
    asked: Sequence[Prompt] = (),
) -> Path:
    """A suite file with its prompts (`asked`, or the laboratory's), as a user would write it."""
    lines = [json.dumps(_line(prompt), ensure_ascii=False) for prompt in asked or prompts(suite)]
    (folder / f"{suite}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    content = {
        "title": f"Laboratory: {suite}",
        "prompts": f"{suite}.jsonl",
        "seeds": SEEDS[suite] if seeds is None else seeds,
        "metrics": list(metrics),
        "reference": REFERENCE,
    }
    file = folder / f"{suite}.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def _line(prompt: Prompt) -> dict[str, object]:
    return {
        "id": prompt.id,
        "text": prompt.text,
        "checks": plain(dict(prompt.checks)),
        "tags": plain(dict(prompt.tags)),
    }


def write_models(models: Iterable[Model], file: Path) -> Path:
    """A list of models in YAML."""
    entries = [
        {"name": m.name, "backend": m.backend, "source": m.source, "options": dict(m.options)}
        for m in models
    ]
    file.write_text(yaml.safe_dump(entries), encoding="utf-8")
    return file


def measured(
    suite: str, metrics: Sequence[str], models: Sequence[Model | str], folder: Path, store: Path
) -> Numbers:
    """Run a suite with these models (or names) and read its board; raises on any problem."""
    file = write_suite(suite, metrics, folder)
    painters = [model for model in models if isinstance(model, Model)]
    names = [model for model in models if isinstance(model, str)]
    if painters:
        names.append(str(write_models(painters, folder / f"{suite}-models.yaml")))
    report = run(str(file), models=names, store=store)
    if report.problems:
        raise HarnessError(f"the laboratory is incomplete: {report.problems}")
    frame = leaderboard(suite, store=store).set_index("model")
    return {
        str(model): {metric: float(frame.loc[model, metric]) for metric in metrics}
        for model in frame.index
    }
