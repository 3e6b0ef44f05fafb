"""`reports/metrics.md`: every metric and instrument, as they declare themselves.

`python -m evalharness.report.metrics [FILE]` writes it; a test checks that the committed one is
current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from evalharness.board.sheets import markdown_row
from evalharness.catalog import registry
from evalharness.catalog.aspects import ASPECTS
from evalharness.catalog.golden import golden_of
from evalharness.catalog.instruments import instrument_names, load_instrument
from evalharness.catalog.verification import needs_verifying, verified_revisions
from evalharness.core.measures import Metric, OutputMetric, SetMetric
from evalharness.core.nouns import Instrument
from evalharness.metrics.influence import INFLUENCES
from evalharness.metrics.intervals import FEWEST_PROMPTS

DIMENSIONS = (64, 768, 1024, 2048)
"""Feature dimensions that minimum set sizes are given for: tiny-clip, CLIP, DINOv2, Inception."""

_HEAD = """# Metrics

Written by `make reports` from what every metric and instrument declares; nothing here is typed.

A metric is a pure function over stored outputs and what instruments saw in them; `[…]` names the
instrument. *Output* metrics give a number per output, averaged over prompts with cluster-robust
intervals; *set* metrics one number per model: under “differences” stands whether two of them can be
told apart. Numbers of different instruments are never comparable. **Unverified** instruments have
only been run on small random or embedded weights through their real loading path: `evalharness
selftest --weights` compares the published weights with golden values and takes the mark away.
"""


def metrics_page() -> str:
    """The whole page as Markdown."""
    metrics = [registry.metric(name) for name in sorted(registry.BUILT_IN["metrics"])]
    parts = [_HEAD, _overview(metrics), _aspects()]
    parts += ["## Each metric\n", *(_metric(metric) for metric in metrics)]
    parts.append(_instruments())
    return "\n".join(parts)


def _overview(metrics: Sequence[Metric]) -> str:
    rows = [
        (f"[`{m.facts.name}`](#{_anchor(m)})", m.facts.title, m.facts.direction, _level(m))
        for m in metrics
    ]
    return _table(("metric", "measures", "better", "level"), rows)


def _aspects() -> str:
    rows = [
        (
            a.name,
            a.question,
            ", ".join(f"`{name}`" for name in a.metrics),
            ", ".join(f"`{name}`" for name in a.suites),
            a.note,
        )
        for a in ASPECTS
    ]
    head = (
        "## The twelve aspects of HEIM\n\nThe aspects of Lee et al. 2023 (arXiv:2311.04287), and "
        "which metrics (families by their first name) and suites serve each.\n\n"
    )
    return head + _table(("aspect", "asks", "metrics", "suites", "mind"), rows)


def _metric(metric: Metric) -> str:
    facts, about = metric.facts, metric.facts.about
    lines = [f"### `{facts.name}`", "", about.measures, ""]
    if facts.experimental:
        lines += ["**Experimental**: read the limits before you read the number.", ""]
    return "\n".join([*lines, _table(("", ""), described(metric))])


def described(metric: Metric) -> tuple[tuple[str, str], ...]:
    """What a metric declares of itself, as labels and values."""
    facts, about = metric.facts, metric.facts.about
    signature = () if facts.signature is None else (("signature", facts.signature()),)
    return (
        ("better", facts.direction),
        ("unit", facts.unit or "none"),
        ("range", about.range),
        ("level", _level(metric)),
        ("reads", _reads(metric)),
        ("minimum n", _minimum(metric)),
        *_differences(metric),
        ("recipe", f"{about.recipe} (version {facts.version})"),
        *signature,
        ("source", about.source),
        ("limits", about.limits),
    )


def _reads(metric: Metric) -> str:
    facts = metric.facts
    if not facts.needs:
        counted = "every finished output" if facts.counts == "finished" else "ok outputs"
        return f"no features; {counted}"
    usual = f", `{facts.default_instrument}` unless another is named"
    told = usual if facts.default_instrument else ", named in brackets"
    return f"the {facts.reads} of every {' and '.join(sorted(facts.needs))} by an instrument{told}"


def _minimum(metric: Metric) -> str:
    if not isinstance(metric, SetMetric):
        return "1 output"
    found = [(d, metric.minimum_n(d)) for d in DIMENSIONS]
    if len({n for _, n in found}) == 1:
        return f"{found[0][1]:,} outputs"
    return ", ".join(f"{n:,} at d = {d}" for d, n in found)


def _differences(metric: Metric) -> tuple[tuple[str, str], ...]:
    """How two models' numbers of whole sets are told apart."""
    if not isinstance(metric, SetMetric):
        return ()
    if metric.by_prompt is not None:
        said = f"tested prompt by prompt, from {FEWEST_PROMPTS} common prompts on"
        said += "" if metric.any_size else "; gated only between sets of one size"
    elif metric.facts.name in INFLUENCES:
        said = "tested by what each output adds, given the reference"
    else:
        said = "side by side only: no interval of them is known"
    return (("differences", said),)


def _instruments() -> str:
    rows = [
        (f"`{name}`", f"`{extractor}`", *others) for name, extractor, *others in instrument_rows()
    ]
    return "## Instruments\n\n" + _table(INSTRUMENT_HEAD, rows)


INSTRUMENT_HEAD = (
    "instrument", "extractor", "reads → gives", "weights", "licence", "sha256", "verified",
)  # fmt: skip


def instrument_rows() -> list[tuple[str, ...]]:
    """Every instrument of the catalogue, in the columns of INSTRUMENT_HEAD."""
    return [
        (
            i.name,
            i.extractor,
            _gives(i),
            i.source or i.home or "no weights",
            i.licence or "unknown",
            i.sha256 or "digest in every feature's key",
            _standing(i),
        )
        for i in map(load_instrument, instrument_names())
    ]


def _gives(instrument: Instrument) -> str:
    entry = registry.extractor(instrument.extractor)
    return f"{', '.join(sorted(entry.reads))} → {', '.join(sorted(entry.given_by(instrument)))}"


def _standing(instrument: Instrument) -> str:
    if not needs_verifying(instrument):
        return "by the tests"
    if verified_revisions(instrument, shipped_only=True):
        return "on published weights"
    numbers = any(not golden.matches for golden in golden_of(instrument.name))
    known = "self-test: golden values" if numbers else "no published number known"
    return f"unverified ({known})"


def _level(metric: Metric) -> str:
    return "output" if isinstance(metric, OutputMetric) else "set"


def _anchor(metric: Metric) -> str:
    """GitHub's anchor of a heading: lower case, punctuation dropped."""
    return "".join(c for c in metric.facts.name.lower() if c.isalnum() or c in "-_")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(_lines(head, rows)) + "\n"


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield markdown_row(head)
    yield "|" + "---|" * len(head)
    for row in rows:
        yield markdown_row(cell.replace("|", "\\|") for cell in row)


if __name__ == "__main__":
    default = Path(__file__).resolve().parents[2] / "reports" / "metrics.md"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    target.write_text(metrics_page(), encoding="utf-8")
