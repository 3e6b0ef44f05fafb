"""What the runs page reads, once per publication."""

from __future__ import annotations

import platform
from datetime import UTC, datetime, timedelta

import psutil
import streamlit as st

from evalharness.app.source import Edition, reading
from evalharness.board.gate.history import History, history
from evalharness.board.gate.stored import StoredGate, stored_gates
from evalharness.board.run_progress import Progress, progress
from evalharness.board.runs import RUNNING, Fact, RunEntry, Trouble, circumstances, runs, troubles
from evalharness.board.suites import find_suite
from evalharness.ledger.logs import LogEnd, log_ends
from evalharness.ledger.store import Store

SILENCE = timedelta(minutes=10)
"""After so long without a word, a run whose process is not on this machine counts as stopped."""


@st.cache_resource(max_entries=8, show_spinner=False)
def all_runs(of: Edition) -> tuple[RunEntry, ...]:
    """Every run, the newest first."""
    with reading(of) as connection:
        return runs(connection)


@st.cache_resource(max_entries=32, show_spinner=False)
def progress_of(of: Edition, run: str) -> tuple[Progress, ...]:
    """How far a run has come."""
    with reading(of) as connection:
        return progress(connection, run)


@st.cache_resource(max_entries=32, show_spinner=False)
def facts_of(of: Edition, run: str, against: str | None) -> tuple[Fact, ...]:
    """The circumstances of a run beside those of another."""
    with reading(of) as connection:
        return circumstances(connection, run, against)


@st.cache_resource(max_entries=32, show_spinner=False)
def troubles_of(of: Edition, run: str) -> tuple[Trouble, ...]:
    """What a run could not answer."""
    with reading(of) as connection:
        return troubles(connection, run)


@st.cache_resource(max_entries=8, show_spinner=False)
def gates(of: Edition) -> tuple[StoredGate, ...]:
    """Every gate on record, the newest first."""
    with reading(of) as connection:
        return stored_gates(connection)


@st.cache_resource(max_entries=32, show_spinner=False)
def history_of(of: Edition, suite: str) -> History:
    """A suite's numbers run by run."""
    with reading(of) as connection:
        return history(connection, find_suite(connection, suite))


def logs_of(of: Edition, run: str) -> tuple[LogEnd, ...]:
    """The ends of a run's logs, as they are now."""
    return log_ends(Store.open(of[0]), run)


def goes_on(of: Edition, entry: RunEntry, newest: bool) -> bool:
    """Whether a run that has not said that it ended is still at work.

    Only the newest can be: a store has one writer. On this machine its process is looked for (one
    that began after the run is another one with its number); elsewhere, or where nobody is named,
    a run is at work as long as it puts something on record.
    """
    if entry.status != RUNNING or not newest:
        return False
    writer = Store.open(of[0]).writer()
    if writer is None or entry.host not in (None, platform.node()):
        return datetime.now(UTC).replace(tzinfo=None) - entry.heard_at < SILENCE
    try:
        began = datetime.fromtimestamp(psutil.Process(writer).create_time(), UTC)
    except psutil.Error:
        return False
    return began.replace(tzinfo=None) <= entry.started_at
