"""The script Streamlit runs for every visitor: frame, shared choices, then one of two pages."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from evalharness.app import view

_STATIC = Path(__file__).with_name("static")
_ICON = _STATIC / "icon.svg"
_FRAME = _STATIC / "frame.css"


def show() -> None:
    """Draw the frame and the page that the address names."""
    # An icon of our own: Streamlit would fetch a named one from a font server.
    st.set_page_config(page_title="evalharness", page_icon=_ICON, layout="wide")
    st.html(_FRAME)
    page = st.navigation(
        [
            st.Page("leaderboard.py", title="Leaderboard", icon=":material/leaderboard:"),
            st.Page("gallery.py", title="Gallery", icon=":material/grid_view:"),
        ],
        position="top",
    )
    view.choose()
    page.run()


if __name__ == "__main__":
    show()
