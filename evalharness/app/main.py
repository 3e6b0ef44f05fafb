"""The script Streamlit runs for every visitor: the frame, what all pages share, then one page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from evalharness.app import sign_in, view
from evalharness.app.links import START, PageName, script_of
from evalharness.app.view import Scope
from evalharness.core.errors import HarnessError

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

_STATIC = Path(__file__).with_name("static")
_ICON = _STATIC / "icon.svg"
_FRAME = _STATIC / "frame.css"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A page in the navigation, and what of the store it is about."""

    name: PageName
    title: str
    icon: str
    scope: Scope

    def page(self) -> Page:
        return st.Page(
            script_of(self.name),
            title=self.title,
            icon=f":material/{self.icon}:",
            url_path=self.name,
            default=self.name == START,
        )


PAGES = (
    _Entry("leaderboard", "Leaderboard", "leaderboard", "slice"),
    _Entry("gallery", "Gallery", "grid_view", "slice"),
    _Entry("compare", "Compare", "compare", "slice"),
    _Entry("choose", "Choose", "explore", "suite"),
    _Entry("model", "Model", "palette", "suite"),
    _Entry("vote", "Vote", "how_to_vote", "slice"),
    _Entry("runs", "Runs", "timeline", "store"),
    _Entry("metrics", "Metrics", "straighten", "store"),
)


def show() -> None:
    """Draw the frame and the page that the address names."""
    # An icon of our own: Streamlit would fetch a named one from a font server.
    st.set_page_config(page_title="evalharness", page_icon=_ICON, layout="wide")
    st.html(_FRAME)
    pages = {entry.title: (entry.page(), entry.scope) for entry in PAGES}
    chosen = st.navigation([page for page, _ in pages.values()], position="top")
    try:
        sign_in.ask()
        view.choose(pages[chosen.title][1])
        chosen.run()
        sign_in.offer_to_leave()
    except HarnessError as error:  # the store went away or was damaged under the page
        view.say_unreadable(error)


if __name__ == "__main__":
    show()
