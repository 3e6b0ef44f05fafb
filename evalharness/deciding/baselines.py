"""Baselines from files and from stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evalharness.board.columns import metric_columns
from evalharness.board.gate.made import made_by_run, that_count
from evalharness.board.gate.taking import read_take
from evalharness.board.suites import SuiteEntry, suites
from evalharness.catalog.baselines import read_baseline
from evalharness.catalog.suites import load_suite, suite_file
from evalharness.core.baseline import Baseline
from evalharness.core.errors import BadInputError
from evalharness.core.keys import suite_digest
from evalharness.core.nouns import Suite
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.measured_by import measured_by

if TYPE_CHECKING:
    import duckdb


def find_baseline(against: str, suite: str, store: Path) -> Baseline:
    """The baseline of a file, or of what a run of the store made.

    Raises BadInputError for a file that is no baseline or was edited, UnknownNameError for a run.
    """
    path = Path(against).expanduser()
    if path.is_file() or path.suffix == ".json":
        return read_baseline(path)
    return take_baseline(suite, store, run=against)


def take_baseline(
    suite: str,
    store: Path,
    *,
    run: str | None = None,
    models: Sequence[str] = (),
    metrics: Sequence[str] = (),
) -> Baseline:
    """The take of a suite that stands on its board, or that one run made; of all its models and
    measured metrics, or those named.
    """
    asked, base = load_suite(suite), suite_file(suite).parent
    connection = connect(Store.open(store))
    try:
        entry = stored(connection, asked)
        columns = metric_columns(connection, entry, metrics or None)
        measured = replace(asked, metrics=tuple(c.metric for c in columns))
        by = measured_by(measured, base, executing=True)  # nothing is looked at, so nothing is run
        if run is None:
            chosen = that_count(connection, entry, models)
        else:
            chosen = made_by_run(connection, entry, run)
            chosen = [one for one in chosen if not models or one[0].model in models]
        return read_take(connection, entry, chosen, by)
    finally:
        connection.close()


def stored(connection: duckdb.DuckDBPyConnection, suite: Suite) -> SuiteEntry:
    """The suite as it is written now, in a store; raises BadInputError where only others are."""
    digest = suite_digest(suite)
    for entry in suites(connection):
        if entry.digest == digest:
            return entry
    raise BadInputError(
        f"The store has no results of {suite.name} as it is written now (version {suite.version}, "
        f"{digest[:12]}). Run it first: evalharness run {suite.name}"
    )
