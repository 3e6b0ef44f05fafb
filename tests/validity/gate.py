"""Does the gate cry wolf, does it see what it says it sees, and does it name the culprit?

What is expected was written to `gate_expected.yaml` before anything was measured.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy import stats

from evalharness.board.gate.epsilon import default_epsilon
from evalharness.board.gate.gating import gate
from evalharness.board.gate.judging import ALPHA, column, prompts_to_find
from evalharness.board.gate.verdict import Gate, Outcome
from evalharness.core.baseline import Baseline
from evalharness.metrics.influence import INFLUENCES
from tests.validity.gate_lines import lines
from tests.validity.gate_pipeline import whole_gates
from tests.validity.gate_pools import CLIP, KID, SHARP, STEERED, Pools, draw, painted
from tests.validity.gate_sabotage import SABOTAGED, gated, verdicts
from tests.validity.rates import Rate

__all__ = ["lines", "measure"]

STRICT = 0.02
"""Of the default ε, where next to nothing is tolerated: nothing passes, so chance must not fail."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Gates without a change: a painter, prompts × seeds, ε times the default, how many gates."""

    painter: str
    prompts: int
    seeds: int
    tolerance: float
    gates: int


CHANCES = (
    Chance("usual", 24, 1, 1.0, 1000),
    Chance("usual", 64, 1, 1.0, 1000),
    Chance("usual", 128, 4, 1.0, 1000),
    Chance("refusing", 64, 2, 1.0, 1000),
    Chance("usual", 24, 2, STRICT, 2000),
    Chance("usual", 64, 2, STRICT, 2000),
    Chance("usual", 128, 2, STRICT, 2000),
    Chance("refusing", 128, 1, STRICT, 2000),
)
WORSENINGS = (("mistaken", CLIP), ("blurred", SHARP), ("narrow", KID), ("wilful", STEERED))
POWER_GATES = 400
PLANNING_TAKES = 40


def measure() -> dict[str, Any]:
    """False alarms, power, whole gates of painters, and tiny-base sabotaged."""
    with tempfile.TemporaryDirectory() as written:
        folder = Path(written)
        pools = painted(folder)
        return {
            "expected": expected(),
            "chances": [false_alarms(pools, chance) for chance in CHANCES],
            "power": [row for one in WORSENINGS for row in powers(pools, *one)],
            "pipeline": whole_gates(folder),
            "sabotage": {name: sabotage(name, folder) for name in SABOTAGED},
        }


def expected() -> dict[str, Any]:
    """What was expected before measuring."""
    text = Path(__file__).with_name("gate_expected.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def sabotage(name: str, folder: Path) -> dict[str, Any]:
    """The verdicts on one sabotaged tiny-base."""
    found = gated(name, folder)
    return {"exit": found["exit"], "verdicts": verdicts(found)}


def judged(before: Baseline, after: Baseline, epsilons: Mapping[str, float]) -> Gate:
    """As the verb judges, from the two takes on."""
    return gate(before, after, against="baseline", run="", epsilons=epsilons)


def false_alarms(pools: Pools, chance: Chance) -> dict[str, Any]:
    """How gates of two takes of one painter come out."""
    rng = np.random.default_rng([1, chance.prompts, chance.seeds, chance.gates])
    outcomes: Counter[str] = Counter()
    by_metric: Counter[str] = Counter()
    for _ in range(chance.gates):
        rows, (first, second) = draw(rng, chance.prompts, chance.seeds, len(pools.prompts))
        before, after = (pools.take(chance.painter, rows, seeds) for seeds in (first, second))
        found = judged(before, after, scaled(before, chance.tolerance))
        outcomes[found.outcome] += 1
        by_metric.update(j.metric for j in found.judgements if j.outcome is Outcome.REGRESSION)
    alarms = Rate(outcomes[Outcome.REGRESSION], chance.gates)
    return {
        "painter": chance.painter,
        "prompts": chance.prompts,
        "seeds": chance.seeds,
        "tolerance": chance.tolerance,
        "alarms": alarms.json,
        "upper": upper_limit(alarms),
        "passed": Rate(outcomes[Outcome.PASS], chance.gates).json,
        "by_metric": dict(by_metric),
    }


def upper_limit(rate: Rate) -> float:
    """The upper end of the exact two-sided 95 % interval (Clopper and Pearson 1934)."""
    return rate.interval[1]


def scaled(before: Baseline, tolerance: float) -> dict[str, float]:
    """Default tolerances of a take's metrics, times a factor; none where it is 1."""
    if tolerance == 1.0:
        return {}
    [take] = before.models
    shares = {metric.metric: metric.unit == "share" for metric in before.metrics}
    values = dict(take.scores)
    values |= {name: one.column for name, one in take.sets.items() if one.column is not None}
    return {
        name: tolerance * default_epsilon(column(found), share=shares[name])
        for name, found in values.items()
    }


def powers(pools: Pools, painter: str, metric: str) -> list[dict[str, Any]]:
    """A worsening of exactly ε at several sizes, and at the size the gate asks for in advance."""
    effect = pools.truth(painter, metric)
    least = INFLUENCES["kid"].minimum_n(0) if metric == KID else 0
    sizes = [(prompts, "") for prompts in (32, 64, 128) if prompts >= least]
    planned = needed(pools, metric, effect)
    if least <= planned <= len(pools.prompts):
        sizes.append((planned, "planned"))
    return [
        {"planned": planned, "asked": why, **power(pools, painter, metric, effect, prompts)}
        for prompts, why in sizes
    ]


def spread(pools: Pools, painter: str, metric: str, prompts: int) -> tuple[float, int]:
    """The mean standard deviation of differences to the usual painter, and the tests of a gate."""
    rng = np.random.default_rng([2, prompts])
    found, tests = [], 0
    for _ in range(PLANNING_TAKES):
        rows, (first, second) = draw(rng, prompts, 1, len(pools.prompts))
        before, after = pools.take("usual", rows, first), pools.take(painter, rows, second)
        [old], [new] = before.models, after.models
        columns = (
            [take.sets[metric].column or () for take in (old, new)]
            if metric == KID
            else [take.scores[metric] for take in (old, new)]
        )
        d = column(columns[1]) - column(columns[0])
        found.append(float(np.nanstd(d, ddof=1)))
        whole = judged(before, after, {})
        tests = max(tests, sum(one.p is not None for one in whole.judgements))
    return float(np.mean(found)), tests


def needed(pools: Pools, metric: str, effect: float) -> int:
    """Prompts asked for in advance: from unchanged takes, at the strictest level."""
    unchanged, tests = spread(pools, "usual", metric, len(pools.prompts))
    applies = np.isfinite(pools.by_name["usual"].scores.get(metric, np.zeros(1))).any(-1)
    return round(
        prompts_to_find(unchanged, effect, tests, grain_of(metric)) / float(applies.mean())
    )


def power(pools: Pools, painter: str, metric: str, effect: float, prompts: int) -> dict[str, Any]:
    """Verdicts on a metric that got worse by ε, beside the power of its t test."""
    rng = np.random.default_rng([3, prompts])
    outcomes: Counter[str] = Counter()
    detectable, counted = [], []
    for _ in range(POWER_GATES):
        rows, (first, second) = draw(rng, prompts, 1, len(pools.prompts))
        before, after = pools.take("usual", rows, first), pools.take(painter, rows, second)
        found = judged(before, after, {metric: effect})
        [one] = [j for j in found.judgements if j.metric == metric]
        outcomes[one.outcome] += 1
        outcomes["gate passed"] += found.outcome is Outcome.PASS
        if one.detectable is not None:
            detectable.append(one.detectable)
        counted.append(one.prompts)
    deviation, tests = spread(pools, painter, metric, prompts)
    n = round(float(np.mean(counted)))
    return {
        "painter": painter,
        "metric": metric,
        "effect": effect,
        "prompts": prompts,
        "counted": n,
        "detectable": float(np.mean(detectable)) if detectable else None,
        "computed": [
            t_power(effect - grain_of(metric) / max(n, 1), deviation, n, level)
            for level in (ALPHA / max(tests, 1), ALPHA)
        ],
        "regression": Rate(outcomes[Outcome.REGRESSION], POWER_GATES).json,
        "inconclusive": Rate(outcomes[Outcome.INCONCLUSIVE], POWER_GATES).json,
        "passed": Rate(outcomes[Outcome.PASS], POWER_GATES).json,
        "gate_passed": Rate(outcomes["gate passed"], POWER_GATES).json,
        "not_gated": outcomes[Outcome.NOT_GATED],
    }


def grain_of(metric: str) -> float:
    """How much a share changes at least on one prompt of one seed."""
    return 1.0 if metric == STEERED else 0.0


def t_power(effect: float, deviation: float, n: int, level: float) -> float:
    """How often a one-sided t test at this level finds an effect that is ε.

    At most 1 − α: so often the upper bound is not below ε, without which it is no regression.
    """
    if n < 2 or deviation <= 0:
        return 0.0
    shift = effect / (deviation / np.sqrt(n))
    return min(1 - ALPHA, float(stats.nct.sf(stats.t.isf(level, n - 1), n - 1, shift)))
