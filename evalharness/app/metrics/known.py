"""What is known of metrics: by the catalogue, and by the store."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import streamlit as st

from evalharness.app.source import Edition, reading
from evalharness.board.columns import base_name
from evalharness.catalog import registry
from evalharness.report.metrics import described


@dataclass(frozen=True, slots=True)
class Known:
    """A metric as it declares itself; `words` is all of that in lower case, to be searched."""

    name: str
    title: str
    measures: str
    experimental: bool
    rows: tuple[tuple[str, str], ...]
    words: str


@cache
def known_metrics() -> tuple[Known, ...]:
    """Every metric of the catalogue, by name."""
    return tuple(_known(name) for name in sorted(registry.names("metrics")))


def _known(name: str) -> Known:
    metric = registry.metric(name)
    facts, rows = metric.facts, described(metric)
    said = [name, facts.title, facts.about.measures, *(value for _, value in rows)]
    return Known(
        name,
        facts.title,
        facts.about.measures,
        facts.experimental,
        rows,
        " ".join(said).casefold(),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def stored_metrics(of: Edition) -> dict[str, dict[str, bool | None]]:
    """By a metric's base name, its columns in the store, and whether each is verified."""
    with reading(of) as connection:
        rows = connection.execute("SELECT metric, verified FROM metrics ORDER BY metric").fetchall()
    found: dict[str, dict[str, bool | None]] = {}
    for metric, verified in rows:
        found.setdefault(base_name(metric), {})[metric] = verified
    return found
