"""`reports/validity.md`, from findings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import spearmanr

from evalharness.core.nouns import Model
from tests.validity.corruptions import CORRUPTIONS, MIXED, POOL, REPLICATES
from tests.validity.judging import SURE, Finding, correlations, explanations
from tests.validity.laboratory import Numbers

ARROWS = {"up": "↑", "down": "↓", "blind": "·", "nothing": "–"}

_HEAD = f"""# Validity

Written by `make validity`. Painters with programmed mistakes answer the laboratory's suites, the
ordinary pipeline measures them, and every metric is held against what was expected of it
(`tests/validity/expected.yaml`) before anything was measured.

`↑` and `↓`: the value rises or falls with the fault; `·`: it does not move; `–`: no value. A metric
has moved when its change at the highest dose is beyond what {REPLICATES} faultless painters show by
chance (two-sided {SURE:.0%}, t with {REPLICATES - 1} degrees of freedom) and the middle dose has
not moved the other way. Where expectation and measurement differ both are shown, expected →
observed, in bold.
"""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything the page tells."""

    findings: Sequence[Finding]
    pools: Mapping[str, tuple[Numbers, Sequence[Model]]]
    networks: Numbers
    oracle: Mapping[str, Mapping[str, float]]
    environment: str


def page(results: Results) -> str:
    """The whole page as Markdown."""
    agreed = sum(finding.as_expected for finding in results.findings)
    parts = [
        _HEAD,
        f"**{agreed} of {len(results.findings)} expectations met.** {results.environment}\n",
        "## Direction\n",
        *_directions(results.findings),
        "## Where expectation and measurement differ\n",
        "The expectations stay as they were; what was learnt about them was written afterwards "
        "(`tests/validity/explained.yaml`).\n",
        *_differences(results.findings),
        "## Dose and response\n",
        "Value without the fault (mean of the faultless painters), at three doses, and the change "
        "at the highest in standard deviations of faultless painters (∞ where those are equal).\n",
        *_doses(results.findings),
        "## Rank correlation with the truth\n",
        *_pools(results.pools),
        "## Trained networks\n",
        *_networks(results),
    ]
    return "\n".join(parts)


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
        yield f"### {suite}\n"
        yield table(("metric", *names), rows)


def _verdict(finding: Finding) -> str:
    seen = ARROWS[finding.observed]
    return seen if finding.as_expected else f"**{ARROWS[finding.expected]} → {seen}**"


def _differences(findings: Sequence[Finding]) -> Iterator[str]:
    left = [finding for finding in findings if not finding.as_expected]
    for explanation in explanations():
        told = [finding for finding in left if explanation.covers(finding)]
        left = [finding for finding in left if finding not in told]
        if told:
            yield f"- {_named(told)}: {explanation.why}"
    if left:
        yield f"- Not explained: {_named(left)}."
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
        yield f"### {corruption.name} (`{corruption.option}`)\n"
        yield table(("metric", "none", *doses, "change / sd"), rows)


def _pools(pools: Mapping[str, tuple[Numbers, Sequence[Model]]]) -> Iterator[str]:
    for suite, (numbers, models) in pools.items():
        yield (
            f"### {suite}: {POOL[suite]} painters, each fault drawn evenly up to "
            f"{', '.join(f'{name} {most:g}' for name, most in MIXED[suite].items())}\n"
        )
        options = sorted({name for model in models for name in model.options})
        metrics = list(next(iter(numbers.values())))
        rows = []
        for metric in metrics:
            found = correlations(numbers, models, metric)
            rows.append((f"`{metric}`", *(number(found[option], "+.2f") for option in options)))
        yield table(("Spearman's ρ with", *options), rows)


def _networks(results: Results) -> Iterator[str]:
    truths = list(next(iter(results.oracle.values())))
    models = list(results.oracle)
    yield "Shares of pictures that the oracle (trained on renders alone) finds right:\n"
    rows = [(m, *(f"{results.oracle[m][name]:.1%}" for name in truths)) for m in models]
    yield table(("model", *truths), rows)
    yield (
        f"Rank correlation of each metric with the oracle over these {len(models)} models; with so "
        "few, |ρ| below about 0.83 is within chance.\n"
    )
    rows = []
    for metric in next(iter(results.networks.values())):
        values = [results.networks[m][metric] for m in models]
        found = [_rho(values, [results.oracle[m][name] for m in models]) for name in truths]
        rows.append((f"`{metric}`", *map(number, values), *(number(rho, "+.2f") for rho in found)))
    yield table(("metric", *models, *(f"ρ {name}" for name in truths)), rows)


def _rho(values: Sequence[float], truth: Sequence[float]) -> float:
    if not all(map(math.isfinite, values)) or len(set(values)) < 2 or len(set(truth)) < 2:
        return math.nan
    return float(spearmanr(values, truth).statistic)


def number(value: float, form: str = ".4g") -> str:
    """A number for a cell; a dash where there is none."""
    return f"{value:{form}}" if math.isfinite(value) else "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with a blank line after it."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines) + "\n"
