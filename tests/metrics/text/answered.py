"""Tables of text answers, and the one number that a metric gives for one answer."""

from collections.abc import Mapping, Sequence

import numpy as np

from evalharness.catalog import registry
from evalharness.core.measures import OutputMetric, SetMetric
from evalharness.core.nouns import Json, Prompt
from evalharness.core.tables import SetTable, SetValue
from tests.metrics.tables import outputs


def prompt(
    target: str | None = None,
    *,
    name: str = "p",
    text: str = "A question?",
    tags: Mapping[str, str] | None = None,
    **checks: Json,
) -> Prompt:
    return Prompt(name, text, target, checks, tags or {})


def score(metric: str, asked: Prompt, answer: str | None) -> float:
    """The metric's number for one answer to one prompt."""
    found = registry.metric(metric)
    assert isinstance(found, OutputMetric)
    [value] = found.measure(outputs([asked], texts=[answer]))
    return float(value)


def scores(metric: str, asked: Prompt, answers: Sequence[str]) -> list[float]:
    return [score(metric, asked, answer) for answer in answers]


def set_score(metric: str, pairs: Sequence[tuple[Prompt, str]]) -> SetValue:
    """The metric's number for a set of answers; equal prompt ids are one prompt."""
    found = registry.metric(metric)
    assert isinstance(found, SetMetric)
    names = {name: i for i, name in enumerate(dict.fromkeys(p.id for p, _ in pairs))}
    seeds = [sum(q.id == p.id for q, _ in pairs[:i]) for i, (p, _) in enumerate(pairs)]
    table = outputs([p for p, _ in pairs], texts=[answer for _, answer in pairs], seeds=seeds)
    return found.measure(SetTable(table, np.array([names[p.id] for p, _ in pairs], np.int64)))
