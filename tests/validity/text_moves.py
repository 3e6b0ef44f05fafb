"""Which faults of a scribe move which metric, and is that what was expected?

Scribes of one hand fail on the same prompts whatever their other options, so that every dose is
compared with the same hand's scribe without the fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from scipy.stats import t as student

from evalharness.core.nouns import Json
from tests.validity.judging import SURE, Expected, Finding, Move
from tests.validity.text_prompts import prompts, write_answers
from tests.validity.text_scribes import answered, folder, value

HANDS: Final = 6
SEEDS: Final = 3
ACCURACY: Final = 0.8
"""Of the scribes without a fault: wrong answers too must not be moved by what is no fault."""

DOSES: Final[Mapping[str, tuple[Json, Json, Json]]] = {
    "accuracy": (0.65, 0.5, 0.3),
    "verbosity": (1, 3, 8),
    "format_error": (0.1, 0.25, 0.5),
    "decline": (0.1, 0.25, 0.5),
    "refuse": (0.1, 0.25, 0.5),
    "sureness": (1.5, 2.5, 4.0),
    "surprise": (1.5, 2.0, 3.0),
    "stubborn": (0.25, 0.5, 1.0),
}
_EQUAL: Final = 1e-9


def expectations() -> Expected:
    """kind of prompts → metric → option → what the metric should do."""
    file = Path(__file__).with_name("text_expected.yaml")
    found: Expected = yaml.safe_load(file.read_text("utf-8"))
    return found


def moves() -> list[dict[str, Any]]:
    """A finding for every metric under every fault that something is expected of."""
    return [asdict(one) for kind, expected in expectations().items() for one in _of(kind, expected)]


def _of(kind: str, expected: Mapping[str, Mapping[str, Move]]) -> Iterator[Finding]:
    clean = _values(kind, list(expected))
    faults = dict.fromkeys(fault for moved in expected.values() for fault in moved)
    for fault in faults:
        dosed = [_values(kind, list(expected), **{fault: dose}) for dose in DOSES[fault]]
        for metric, moved in expected.items():
            if fault not in moved:
                continue
            doses = [found[metric] for found in dosed]
            observed, strength = move(clean[metric], doses)
            yield Finding(
                f"{kind}: {metric}",
                fault,
                moved[fault],
                observed,
                float(clean[metric].mean()),
                tuple(float(values.mean()) for values in doses),
                strength,
            )


def _values(kind: str, metrics: list[str], **options: Json) -> dict[str, np.ndarray]:
    """metric → its value for each hand."""
    if kind == "documents":
        options["answers"] = str(write_answers(folder() / "answers.jsonl"))
    found: dict[str, list[float]] = {metric: [] for metric in metrics}
    for hand in range(HANDS):
        table = answered(prompts(kind), SEEDS, **{"accuracy": ACCURACY, **options, "hand": hand})
        for metric in metrics:
            found[metric].append(value(metric, table).mean)
    return {metric: np.array(values) for metric, values in found.items()}


def move(clean: np.ndarray, doses: list[np.ndarray]) -> tuple[Move, float]:
    """The sign of the change at the highest dose, if it is sure over hands, and its t.

    The middle dose must not have moved the other way. Where all hands change alike there is no room
    for chance, and any change counts.
    """
    *_, middle, highest = (_t(values - clean) for values in doses)
    if np.isnan(highest):
        return "nothing", highest
    limit = float(student.ppf((1 + SURE) / 2, len(clean) - 1))
    moved = {np.sign(one) for one in (middle, highest) if abs(one) >= limit}
    if abs(highest) < limit or len(moved) > 1:
        return "blind", highest
    return ("up" if highest > 0 else "down"), highest


def _t(change: np.ndarray) -> float:
    spread = float(change.std(ddof=1)) / np.sqrt(len(change))
    mean = float(change.mean())
    if spread <= _EQUAL:
        return 0.0 if abs(mean) <= _EQUAL else float(np.copysign(np.inf, mean))
    return mean / spread
