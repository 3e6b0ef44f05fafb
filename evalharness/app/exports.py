"""Taking a table away: CSV for spreadsheets, Parquet for notebooks, Markdown for a message."""

from __future__ import annotations

import io
from collections.abc import Callable

import pandas as pd
import streamlit as st

from evalharness.board.frames import csv_of, markdown_of

_ICON = ":material/download:"


def parquet_of(frame: pd.DataFrame) -> bytes:
    """The frame as a Parquet file; strings as stored."""
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


def offer(
    name: str,
    frame: Callable[[], pd.DataFrame],
    *,
    markdown: Callable[[], str] | None = None,
) -> None:
    """A menu that downloads a table; it is made when a form of it is chosen.

    `name` is the file's name without its ending. `frame` has strings as stored; `markdown` replaces
    the plain table of the frame where a page has a better one.
    """
    written = markdown or (lambda: markdown_of(frame()))
    with st.popover("Download", icon=_ICON, type="tertiary", key=f"exports-{name}"):
        for label, ending, mime, data in (
            ("CSV", "csv", "text/csv", lambda: csv_of(frame()).encode()),
            ("Parquet", "parquet", "application/vnd.apache.parquet", lambda: parquet_of(frame())),
            ("Markdown", "md", "text/markdown", lambda: written().encode()),
        ):
            st.download_button(
                label,
                data,
                f"{name}.{ending}",
                mime,
                on_click="ignore",
                type="tertiary",
                key=f"{name}.{ending}",
            )
