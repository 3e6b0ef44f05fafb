"""The page's section on metrics, from what was found of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scipy.stats import spearmanr

from tests.validity.corruptions import CORRUPTIONS, MIXED, POOL, REPLICATES
from tests.validity.judging import SURE, Explanation, Finding, explanations
from tests.validity.markdown import number, table

ARROWS = {"up": "↑", "down": "↓", "blind": "·", "nothing": "–"}

_HEAD = f"""## Metrics

Painters with programmed mistakes answer the laboratory's suites, the
ordinary pipeline measures them, and every metric is held against what was expected of it
(`tests/validity/expected.yaml`) before anything was measured.

`↑` and `↓`: the value rises or falls with the fault; `·`: it does not move; `–`: no value. A metric
has moved when its change at the highest dose is beyond what {REPLICATES} faultless painters show by
chance (two-sided {SURE:.0%}, t with {REPLICATES - 1} degrees of freedom) and the middle dose has
not moved the other way. Where expectation and measurement differ both are shown, expected →
observed, in bold.
"""


def lines(figures: Mapping[str, Any]) -> list[str]:
    """The section in Markdown."""
    findings = [_finding(fields) for fields in figures["findings"]]
    agreed = sum(finding.as_expected for finding in findings)
    return [
        _HEAD,
        f"**{agreed} of {len(findings)} expectations met.**\n",
        "### Direction\n",
        *_directions(findings),
        "### Where expectation and measurement differ\n",
        "The expectations stay as they were; what was learnt about them was written afterwards "
        "(`tests/validity/explained.yaml`).\n",
        *differences(findings, explanations(), _named),
        "### Dose and response\n",
        "Value without the fault (mean of the faultless painters), at three doses, and the change "
        "at the highest in standard deviations of faultless painters (∞ where those are equal).\n",
        *_doses(findings),
        "### Rank correlation with the truth\n",
        *_pools(figures["correlations"]),
        "### Trained networks\n",
        *_networks(figures["networks"], figures["oracle"]),
    ]


def _finding(fields: Mapping[str, Any]) -> Finding:
    """From JSON, where null stands for no number and for an infinite strength."""
    doses = tuple(math.nan if dose is None else dose for dose in fields["doses"])
    clean = math.nan if fields["clean"] is None else fields["clean"]
    strength = fields["strength"]
    if strength is None:
        change = doses[-1] - clean
        strength = math.copysign(math.inf, change) if math.isfinite(change) else math.nan
    return Finding(**{**fields, "clean": clean, "doses": doses, "strength": strength})


def _directions(findings: Sequence[Finding]) -> Iterator[str]:
    for suite in dict.fromkeys(c.suite for c in CORRUPTIONS):
        names = [c.name for c in CORRUPTIONS if c.suite == suite]
        by_metric: dict[str, dict[str, Finding]] = {}
        for finding in findings:
            if finding.corruption in names:
                by_metric.setdefault(finding.metric, {})[finding.corruption] = finding
        rows = [
            (f"`{metric}`", *(_verdict(found[name]) for name in names))
            for metric, found in by_metric.items()
        ]
        yield f"#### {suite}\n"
        yield table(("metric", *names), rows)


def _verdict(finding: Finding) -> str:
    seen = ARROWS[finding.observed]
    return seen if finding.as_expected else f"**{ARROWS[finding.expected]} → {seen}**"


def differences(
    findings: Sequence[Finding],
    explained: Sequence[Explanation],
    named: Callable[[Sequence[Finding]], str],
) -> Iterator[str]:
    """What is not as expected, with what was found out about it; `named` tells findings."""
    left = [finding for finding in findings if not finding.as_expected]
    for explanation in explained:
        told = [finding for finding in left if explanation.covers(finding)]
        left = [finding for finding in left if finding not in told]
        if told:
            yield f"- {named(told)}: {explanation.why}"
    if left:
        yield f"- Not explained: {named(left)}."
    yield ""


def _named(findings: Sequence[Finding]) -> str:
    by_metric: dict[str, list[str]] = {}
    for finding in findings:
        by_metric.setdefault(finding.metric, []).append(finding.corruption)
    return "; ".join(f"`{metric}` ({', '.join(names)})" for metric, names in by_metric.items())


def _strength(finding: Finding) -> str:
    if math.isinf(finding.strength):
        return "+∞" if finding.strength > 0 else "−∞"
    return number(finding.strength, "+.1f")


def _doses(findings: Sequence[Finding]) -> Iterator[str]:
    for corruption in CORRUPTIONS:
        doses = [str(dose) for dose in corruption.doses]
        rows = [
            (f"`{f.metric}`", number(f.clean), *map(number, f.doses), _strength(f))
            for f in findings
            if f.corruption == corruption.name
        ]
        yield f"#### {corruption.name} (`{corruption.option}`)\n"
        yield table(("metric", "none", *doses, "change / sd"), rows)


def _pools(pools: Mapping[str, Mapping[str, Mapping[str, float | None]]]) -> Iterator[str]:
    for suite, metrics in pools.items():
        yield (
            f"#### {suite}: {POOL[suite]} painters, each fault drawn evenly up to "
            f"{', '.join(f'{name} {most:g}' for name, most in MIXED[suite].items())}\n"
        )
        options = list(next(iter(metrics.values())))
        rows = [
            (f"`{metric}`", *(number(found[option], "+.2f") for option in options))
            for metric, found in metrics.items()
        ]
        yield table(("Spearman's ρ with", *options), rows)


def _networks(
    networks: Mapping[str, Mapping[str, float | None]], oracle: Mapping[str, Mapping[str, float]]
) -> Iterator[str]:
    truths = list(next(iter(oracle.values())))
    models = list(oracle)
    yield "Shares of pictures that the oracle (trained on renders alone) finds right:\n"
    rows = [(m, *(f"{oracle[m][name]:.1%}" for name in truths)) for m in models]
    yield table(("model", *truths), rows)
    yield (
        f"Rank correlation of each metric with the oracle over these {len(models)} models; with so "
        "few, |ρ| below about 0.83 is within chance.\n"
    )
    rows = []
    for metric in next(iter(networks.values())):
        values = [networks[m][metric] for m in models]
        found = [_rho(values, [oracle[m][name] for m in models]) for name in truths]
        rows.append((f"`{metric}`", *map(number, values), *(number(rho, "+.2f") for rho in found)))
    yield table(("metric", *models, *(f"ρ {name}" for name in truths)), rows)


def _rho(values: Sequence[float | None], truth: Sequence[float]) -> float | None:
    if None in values or len(set(values)) < 2 or len(set(truth)) < 2:
        return None
    return float(spearmanr(values, truth).statistic)
