"""What the model page reads, once per publication."""

from __future__ import annotations

import streamlit as st

from evalharness.app.source import Edition, reading
from evalharness.board.profile import Profile, profile
from evalharness.board.profile.answers import Answer, typical_answers


@st.cache_resource(max_entries=32, show_spinner=False)
def profile_of(of: Edition, suite: str, model: str) -> Profile:
    """What a suite (by digest) says about a model. Raises UnknownNameError."""
    with reading(of) as connection:
        return profile(connection, suite, model)


@st.cache_resource(max_entries=64, show_spinner=False)
def answers_of(of: Edition, suite: str, models: tuple[str, ...], most: int) -> tuple[Answer, ...]:
    """A few answers of some models to the same prompts."""
    with reading(of) as connection:
        return typical_answers(connection, suite, models, most)
