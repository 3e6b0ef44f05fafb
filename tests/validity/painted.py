"""Through a real store: painters whose rates are programmed, and what the board says of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from evalharness.api import compare, leaderboard, run
from evalharness.core.errors import HarnessError
from evalharness.core.nouns import Model
from tests.validity.laboratory import write_models, write_suite
from tests.validity.means import COVERED
from tests.validity.rates import Checked, Rate

PAINTERS, SEEDS = 40, 2
METRICS = ("refusal.rate", "geneval.object[tiny-objects]", "geneval.correct[tiny-objects]")


def painted() -> Iterator[Checked]:
    """Intervals of the board and of comparisons that hold the programmed truth."""
    models = _painters()
    truths = {model.name: _truth(model) for model in models}
    with tempfile.TemporaryDirectory() as written:
        folder, store = Path(written), Path(written) / "store"
        suite = write_suite("singles", METRICS, folder, SEEDS)
        listed = write_models(models, folder / "models.yaml")
        report = run(str(suite), models=[str(listed)], store=store)
        if report.problems:
            raise HarnessError(f"the laboratory is incomplete: {report.problems}")
        board = leaderboard("singles", store=store).set_index("model")
        for metric in METRICS:
            own = [
                bool(
                    board.loc[name, f"{metric}.low"] <= truths[name][metric]
                    and truths[name][metric] <= board.loc[name, f"{metric}.high"]
                )
                for name in truths
            ]
            yield Checked(f"board, {metric}", Rate(sum(own), len(own)), *COVERED, chance=True)
        held = dict.fromkeys(METRICS, 0)
        for first, second in zip(models[::2], models[1::2], strict=True):
            found = compare("singles", first.name, second.name, store=store)
            for one in found.metrics:
                metric = one.column.metric
                true = truths[second.name][metric] - truths[first.name][metric]
                low, high = one.paired.low, one.paired.high
                held[metric] += bool(low is not None and high is not None and low <= true <= high)
        for metric in METRICS:
            rate = Rate(held[metric], PAINTERS // 2)
            yield Checked(f"compare, {metric}", rate, *COVERED, chance=True)


def _painters() -> list[Model]:
    """Painters with rates drawn evenly."""
    rng = np.random.default_rng(10)
    most = {"object_error": 0.5, "colour_error": 0.5, "refuse": 0.3}
    return [
        Model(
            f"painter-{number}",
            "painter",
            "",
            options={name: round(float(rng.uniform(0.02, top)), 3) for name, top in most.items()},
        )
        for number in range(PAINTERS)
    ]


def _truth(model: Model) -> Mapping[str, float]:
    """Exact for refusals; of the others the detector misses about 4 in 1,000."""
    rates = {name: float(str(value)) for name, value in model.options.items()}
    named = 1 - rates["object_error"]
    return dict(
        zip(METRICS, (rates["refuse"], named, named * (1 - rates["colour_error"])), strict=True)
    )
