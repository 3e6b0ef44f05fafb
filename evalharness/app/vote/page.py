"""The vote page: blind pairs to vote on, and what all votes say of models and metrics."""

from __future__ import annotations

from typing import Literal, TypeAlias

import streamlit as st

from evalharness.app import view
from evalharness.app.vote.booth import show_booth
from evalharness.app.vote.results import MODELS, show_results

See: TypeAlias = Literal["Vote", "Results"]
SEE: tuple[See, ...] = ("Vote", "Results")

_SEE, _REVEAL = "see", "reveal"


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    models = tuple(m for m in st.query_params.get_all(MODELS) if m in chosen.suite.models)
    with st.container(horizontal=True, vertical_alignment="center", key="seeing"):
        see: See = st.segmented_control(
            "See",
            SEE,
            default="Vote",
            required=True,
            key=_SEE,
            label_visibility="collapsed",
            bind="query-params",
        )
        if see == "Vote":
            revealing = st.toggle(
                "After a vote, say who was who",
                key=_REVEAL,
                bind="query-params",
                help="It teaches which model draws how: your next votes are less blind for it.",
            )
            # No name of a model stands on this side before a vote, or it would not be blind.
            pool = f"{len(models)} chosen models" if models else "all models"
            st.caption(f"Pairs of {pool}; models are chosen beside the results.")
    if see == "Vote":
        show_booth(chosen, models, revealing)
        return
    show_results(chosen, models)


if __name__ == "__main__":
    show()
