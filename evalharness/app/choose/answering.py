"""From a brief to its answer: what is stored is read, what is not is looked at when asked for."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import streamlit as st

from evalharness.app.source import Edition
from evalharness.board.choose.recommendation import Recommendation
from evalharness.core.brief import Brief
from evalharness.deciding.choosing import answer_brief, yet_to_see

_ONE_LOOK = Lock()
"""A store has one writer at a time; visitors who ask at once wait for each other."""


@st.cache_resource(max_entries=64, show_spinner=False)
def open_looks(of: Edition, suite: str, brief: Brief) -> int:
    """How many pictures and words nobody has looked at yet. Raises HarnessError."""
    return yet_to_see(brief, suite, store=Path(of[0]))


@st.cache_resource(max_entries=64, show_spinner=False)
def answer(of: Edition, suite: str, brief: Brief) -> Recommendation:
    """The answer to a brief of which everything has been seen. Raises HarnessError."""
    return answer_brief(brief, suite, store=Path(of[0]))


def look(of: Edition, suite: str, brief: Brief) -> None:
    """See what has not been seen, in children of their own; it is then in the store for good.

    Raises HarnessError, also where a run is writing to the store.
    """
    with _ONE_LOOK:
        answer_brief(brief, suite, store=Path(of[0]))
