"""From one page to another: addresses that can be opened by themselves, and going there at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlencode

import streamlit as st

from evalharness.core.nouns import Json

PageName: TypeAlias = Literal[
    "leaderboard", "gallery", "compare", "choose", "model", "vote", "runs", "metrics"
]
"""The pages, by the folders of their scripts."""

_FOLDER = Path(__file__).parent
START: PageName = "leaderboard"
"""The page at the root of the address."""


def script_of(page: PageName) -> Path:
    """The script of a page."""
    return _FOLDER / page / "page.py"


def address(page: PageName, parameters: Mapping[str, str]) -> str:
    """The address of a page relative to the app's own, with what the page is to show."""
    path = "/" if page == START else f"/{page}"
    return f"{path}?{urlencode(parameters)}" if parameters else path


def target(page: PageName, suite: str, parameters: Mapping[str, str]) -> Json:
    """A link for an element's payload: `follow` in base.js makes it work, `go` takes one there.

    `suite` is the suite's name in the address; going there keeps it, a new tab needs it.
    """
    whole = {"suite": suite, **parameters} if suite else dict(parameters)
    shown: dict[str, Json] = dict(parameters)
    return {"page": page, "address": address(page, whole), "parameters": shown}


def go(followed: Mapping[str, Mapping[str, str]] | None) -> None:
    """Leave for the page that an element's trigger `followed` names; nothing for None.

    The suite and its slice stay chosen: they belong to the frame around all pages.
    """
    if followed is not None:
        page: PageName = followed["page"]  # type: ignore[assignment]  # `target` put it there
        st.switch_page(script_of(page), query_params=dict(followed["parameters"]))
