"""Metric names with their instruments: `clip_score[tiny-clip]`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from evalharness.catalog import registry
from evalharness.catalog.instruments import load_instrument
from evalharness.core.contracts import SubjectKind
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.measures import Metric
from evalharness.core.nouns import Instrument
from evalharness.core.tables import Subject

_WRITTEN = re.compile(r"(?P<metric>[^\[\]\s]+)(?:\[(?P<instrument>[^\[\]\s]+)\])?")


@dataclass(frozen=True, slots=True)
class MetricChoice:
    """A metric with the instrument it reads; `name` is the full name of its column."""

    name: str
    metric: Metric
    instrument: Instrument | None


def parse_metric(written: str) -> MetricChoice:
    """The one metric that `written` names, such as `fid[inception]` or `latency`.

    Without brackets a metric's default instrument is used. Raises UnknownNameError, or
    BadInputError for an instrument that is missing, not needed, or blind to what it must read.
    """
    metric_name, instrument_name = _split(written)
    metric = registry.metric(metric_name)
    facts = metric.facts
    if not facts.needs:
        if instrument_name is not None:
            raise BadInputError(
                f"{written!r} names an instrument, but {metric_name} needs none. "
                f"Write {metric_name!r}."
            )
        return MetricChoice(metric_name, metric, None)
    chosen = instrument_name or facts.default_instrument
    if chosen is None:
        raise BadInputError(
            f"{metric_name!r} needs an instrument to look with. Write {metric_name}[NAME]."
        )
    instrument = load_instrument(chosen)
    _check_sight(written, metric, instrument)
    return MetricChoice(f"{metric_name}[{instrument.name}]", metric, instrument)


def expand_metrics(names: Iterable[str]) -> tuple[MetricChoice, ...]:
    """Every metric named, once each, in order.

    The name of a family stands for all its members: `text_accuracy[ocr]` for
    `text_accuracy.cer[ocr]`, `text_accuracy.exact[ocr]` and the others.
    """
    choices: dict[str, MetricChoice] = {}
    for written in names:
        metric_name, instrument_name = _split(written)
        bracket = "" if instrument_name is None else f"[{instrument_name}]"
        for member in _family(metric_name):
            choice = parse_metric(member + bracket)
            choices.setdefault(choice.name, choice)
    return tuple(choices.values())


def _split(written: str) -> tuple[str, str | None]:
    match = _WRITTEN.fullmatch(written.strip())
    if match is None:
        raise BadInputError(
            f"{written!a} is not a metric's name. Write NAME or NAME[INSTRUMENT], "
            "such as clip_score[clip-vit-l-14]."
        )
    return match["metric"], match["instrument"]


def _family(name: str) -> tuple[str, ...]:
    known = registry.names("metrics")
    if name in known:
        return (name,)
    members = tuple(sorted(other for other in known if other.startswith(f"{name}.")))
    if not members:
        raise unknown_name("metric", name, {*known, *(k.partition(".")[0] for k in known)})
    return members


def _check_sight(written: str, metric: Metric, instrument: Instrument) -> None:
    """An instrument must read every kind of subject its metric needs, and give what it reads."""
    entry, facts = registry.extractor(instrument.extractor), metric.facts
    needed: dict[Subject, frozenset[SubjectKind]] = {
        "output": frozenset(kind for kind in facts.applies_to if kind != "likelihoods"),
        "prompt": frozenset({"text"}),
        "pair": frozenset({"pair"}),
        "exchange": frozenset({"exchange"}),
        "input": frozenset({"picture"}),
        "change": frozenset({"change"}),
        "reference": frozenset({"picture"}),
    }
    for subject in sorted(facts.needs):
        if not needed[subject] & entry.reads:
            raise BadInputError(
                f"{written!r}: {facts.name} looks at every {subject} "
                f"({' or '.join(sorted(needed[subject]))}), but {instrument.name} reads only "
                f"{' and '.join(sorted(entry.reads))}. Choose another instrument."
            )
    gives = entry.given_by(instrument)
    if facts.reads not in gives:
        raise BadInputError(
            f"{written!r}: {facts.name} reads {facts.reads}, but {instrument.name} gives "
            f"{' and '.join(sorted(gives))}. Choose another instrument."
        )
