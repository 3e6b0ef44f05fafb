"""`evalharness list`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from evalharness.catalog import registry
from evalharness.catalog.instruments import instrument_names, load_instrument
from evalharness.catalog.metrics import parse_metric
from evalharness.catalog.models import catalogue
from evalharness.catalog.suites import list_suites, load_suite
from evalharness.catalog.verification import needs_verifying, verified_revisions
from evalharness.cli.output import show, table
from evalharness.core.errors import BadInputError
from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Instrument


class What(StrEnum):
    """What can be listed."""

    SUITES = "suites"
    MODELS = "models"
    METRICS = "metrics"
    INSTRUMENTS = "instruments"
    FORMATS = "formats"


def command(what: Annotated[What, typer.Argument(help="What to list.")]) -> None:
    """List what evalharness knows by name."""
    tables = {
        What.SUITES: _suites,
        What.MODELS: _models,
        What.METRICS: _metrics,
        What.INSTRUMENTS: _instruments,
        What.FORMATS: _formats,
    }
    show(tables[what]())


def _suites() -> Table:
    rows = table("suite", "title", "prompts", "seeds", "protocol", "metrics")
    for name in list_suites():
        suite = load_suite(name)
        counts = str(len(suite.prompts)), str(len(suite.seeds))
        rows.add_row(name, suite.title, *counts, suite.protocol, "\n".join(suite.metrics))
    return rows


def _models() -> Table:
    rows = table("model", "title", "backend", "source", "modality", "licence")
    for name, model in catalogue().items():
        licence = model.licence or "unknown"
        rows.add_row(name, model.title, model.backend, model.source, model.modality, licence)
    return rows


def _metrics() -> Table:
    rows = table(
        *("metric", "measures", "unit", "better", "level"),
        "instruments († unverified on published weights)",
    )
    for name in registry.names("metrics"):
        metric = registry.metric(name)
        facts = metric.facts
        level = "output" if isinstance(metric, OutputMetric) else "set"
        fitting = ", ".join(_marked(i) for i in _fitting(name)) if facts.needs else "none needed"
        title = f"{facts.title} (experimental)" if facts.experimental else facts.title
        rows.add_row(name, title, facts.unit, facts.direction, level, fitting)
    return rows


def _fitting(metric: str) -> Iterator[Instrument]:
    """The instruments with a name that a metric can look through."""
    for name in instrument_names():
        with suppress(BadInputError):
            parse_metric(f"{metric}[{name}]")
            yield load_instrument(name)


def _marked(instrument: Instrument) -> str:
    unverified = needs_verifying(instrument) and not verified_revisions(instrument)
    return f"{instrument.name}†" if unverified else instrument.name


def _instruments() -> Table:
    rows = table("instrument", "extractor", "weights", "licence", "verified")
    for name in instrument_names():
        instrument = load_instrument(name)
        source = instrument.source or instrument.home or "none"
        licence = instrument.licence or "unknown"
        rows.add_row(name, instrument.extractor, source, licence, _standing(instrument))
    return rows


def _formats() -> Table:
    rows = table("format", "prompts of", "file", "licence", "source")
    for name in registry.names("prompt_formats"):
        form = registry.prompt_format(name)
        licence = f"{form.licence} (noncommercial)" if form.noncommercial else form.licence
        rows.add_row(name, form.title, form.expects, licence or "the file's", form.source)
    return rows


def _standing(instrument: Instrument) -> str:
    if not needs_verifying(instrument):
        return "by the tests"
    passed = ", ".join(revision[:15] for revision in verified_revisions(instrument))
    return f"on {passed}" if passed else "unverified on published weights"
