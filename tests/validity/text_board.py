"""The same scribes through the ordinary pipeline: a board shows the numbers that were read here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml

from evalharness.api import leaderboard, run
from evalharness.core.errors import HarnessError
from evalharness.core.keys import plain
from evalharness.core.nouns import Json, Prompt
from tests.validity.laboratory import write_models
from tests.validity.text_moves import ACCURACY, expectations
from tests.validity.text_prompts import prompts, write_answers
from tests.validity.text_scribes import answered, folder, scribe, value

SEEDS: Final = 2
FAULTY: Final[dict[str, Json]] = {
    "accuracy": ACCURACY,
    "verbosity": 2,
    "format_error": 0.1,
    "decline": 0.1,
    "refuse": 0.1,
    "sureness": 1.5,
}


def shown() -> list[dict[str, Any]]:
    """For every kind of prompts: how far a board's values and intervals are from those here."""
    return [_shown(kind, list(metrics)) for kind, metrics in expectations().items()]


def _shown(kind: str, metrics: list[str]) -> dict[str, Any]:
    place = folder() / f"board-{kind}"
    place.mkdir()
    options = dict(FAULTY)
    if kind == "documents":
        options["answers"] = str(write_answers(place / "answers.jsonl"))
    models = write_models([scribe("faulty", **options)], place / "models.yaml")
    suite = _write_suite(kind, metrics, place)
    report = run(str(suite), models=str(models), store=place / "store", allow_code_execution=True)
    if report.problems:
        raise HarnessError(f"the laboratory is incomplete: {report.problems}")
    row = leaderboard(kind, store=place / "store").iloc[0]
    table = answered(prompts(kind), SEEDS, **options)
    apart, compared = 0.0, 0
    for metric in metrics:
        here = value(metric, table)
        column = next(
            name for name in row.index if name.partition("[")[0] == metric.partition("[")[0]
        )
        for name, number in (("", here.mean), (".low", here.low), (".high", here.high)):
            if number is not None:
                apart = max(apart, abs(float(row[f"{column}{name}"]) - number))
                compared += 1
    return {"kind": kind, "metrics": len(metrics), "compared": compared, "apart": apart}


def _write_suite(kind: str, metrics: list[str], place: Path) -> Path:
    lines = [json.dumps(_line(prompt), ensure_ascii=False) for prompt in prompts(kind)]
    (place / f"{kind}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    content = {
        "title": f"Laboratory: {kind}",
        "modality": "text",
        "prompts": f"{kind}.jsonl",
        "seeds": SEEDS,
        "metrics": metrics,
    }
    file = place / f"{kind}.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def _line(prompt: Prompt) -> dict[str, object]:
    line: dict[str, object] = {"id": prompt.id, "text": prompt.text}
    if prompt.target is not None:
        line["target"] = prompt.target
    if prompt.continuations:
        line["continuations"] = list(prompt.continuations)
    return {**line, "checks": plain(dict(prompt.checks))}
