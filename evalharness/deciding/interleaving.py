"""Latency and memory of two models that take turns on one machine.

Yesterday's latency was measured beside other work on a machine that may be another one. So the
baseline's model and the one to be judged answer the same first prompts in turns, the order changed
every time; a turn is one observation (its median: loading and warming up leave it alone), and the
turns are paired. Each has a store of its own that goes with it: in the user's, the few prompts of
a turn would take the place of what stands on the board.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from evalharness.board.columns import base_name
from evalharness.board.gate.pairs import Pair
from evalharness.catalog.names import is_local
from evalharness.core.baseline import Baseline, BaselineMetric, ModelTake
from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Json
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.metrics.efficiency import GIB
from evalharness.runner.asked import Asked
from evalharness.runner.run import run_asked

PROMPTS = 8
"""Answered in every turn, with all seeds."""
TIMED = {
    "latency": "median(duration_s)",
    "peak_memory": f"median(peak_memory_bytes) / {GIB:.0f}",
    "energy": "median(energy_j)",
}
"""What is read off a turn's outputs, by metric."""


def in_turns(
    baseline: Baseline,
    question: Asked,
    models: Sequence[str],
    rounds: int,
    deadline_s: float,
) -> list[Pair]:
    """Columns (rounds,) of what the machine decides, for those of the baseline's metrics.

    Raises MissingWeightsError where a turn could not be made: the baseline's weights must still
    be there.
    """
    if not rounds:
        return []
    metrics = timed_metrics(baseline)
    takes = {take.model: take for take in baseline.models}
    short = replace(
        question,
        metrics=("latency",),
        choices=replace(question.choices, limit=min(PROMPTS, len(baseline.prompts))),
    )
    with tempfile.TemporaryDirectory() as folder:
        return [
            pair
            for name in models
            for pair in _of_model(short, takes[name], metrics, rounds, deadline_s, Path(folder))
        ]


def timed_metrics(baseline: Baseline) -> list[BaselineMetric]:
    """Those that turns can measure; raises BadInputError where the baseline has none."""
    found = [metric for metric in baseline.metrics if base_name(metric.metric) in TIMED]
    if not found:
        raise BadInputError(
            "There is nothing to gate in turns (--interleave): the baseline has none of "
            f"{', '.join(TIMED)}. Leave it out, or save a baseline of a suite that measures one."
        )
    return found


def _of_model(
    question: Asked,
    take: ModelTake,
    metrics: Sequence[BaselineMetric],
    rounds: int,
    deadline_s: float,
    folder: Path,
) -> list[Pair]:
    file = folder / "before.yaml"  # JSON is YAML
    file.write_text(json.dumps(_specification(take)), encoding="utf-8")
    choices = replace(question.choices, overrides={})
    asked = {
        True: replace(question, models=(str(file),), only=(), choices=choices),
        False: replace(question, only=(take.model,)),
    }
    measured: dict[bool, list[dict[str, float]]] = {True: [], False: []}
    for turn in range(rounds):
        for old in (True, False) if turn % 2 == 0 else (False, True):
            measured[old].append(_turn(take.model, asked[old], deadline_s))
    pairs = []
    for metric in metrics:
        first, second = (
            np.array([turn[base_name(metric.metric)] for turn in measured[before]], np.float64)
            for before in (True, False)
        )
        if np.isfinite(first).any():
            pairs.append(Pair(take.model, metric, first, second, sampled="turns"))
    return pairs


def _turn(model: str, asked: Asked, deadline_s: float) -> dict[str, float]:
    """What one turn measured, by metric; NaN where the backend does not tell."""
    with tempfile.TemporaryDirectory() as folder:
        report = run_asked("gate", Path(folder), asked, deadline_s=deadline_s)
        if report.problems:
            told = "; ".join(report.problems.values())
            raise MissingWeightsError(f"{model} could not take its turns: {told}")
        connection = connect(Store.open(Path(folder)))
        try:
            row = connection.execute(
                f"SELECT {', '.join(TIMED.values())} FROM outputs WHERE status = 'ok'"
            ).fetchone()
        finally:
            connection.close()
    values = row or (None,) * len(TIMED)
    return {
        name: float("nan") if value is None else float(value)
        for name, value in zip(TIMED, values, strict=True)
    }


def _specification(take: ModelTake) -> dict[str, Json]:
    """The baseline's model as a model file, its weights pinned and its settings as they were."""
    found = {name: _placed(value) for name, value in take.specification.items()}
    adapters = found.get("adapters")
    if isinstance(adapters, list):
        found["adapters"] = [_placed(one) for one in adapters]
    return {**found, "revision": take.revision, "settings": dict(take.settings)}


def _placed(value: Json) -> Json:
    """Paths as they were seen from here, made absolute: the file stands elsewhere."""
    if isinstance(value, str) and is_local(value) and not value.startswith("~"):
        return str(Path(value).absolute())
    if isinstance(value, dict):
        return {name: _placed(item) for name, item in value.items()}
    return value
