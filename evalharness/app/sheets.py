"""The board's sheets on a page: tables with small drawings, and the same to take away."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from evalharness.app import exports
from evalharness.app.pieces import Payload, sheet_table
from evalharness.board.inert import markdown_text
from evalharness.board.paired import PairedDifference
from evalharness.board.sheets import Sheet, to_markdown
from evalharness.core.nouns import Json


def show(sheet: Sheet, name: str) -> None:
    """A sheet with its title, its rows and its sentences; `name` is that of its files."""
    st.subheader(markdown_text(sheet.title), anchor=False)
    if sheet.rows:
        sheet_table(payload(sheet), f"sheet-{name}")
    for sentence in sheet.sentences:
        st.caption(markdown_text(sentence))
    if sheet.rows:
        exports.offer(name, lambda: frame(sheet), markdown=lambda: to_markdown([sheet]))


def payload(sheet: Sheet) -> Payload:
    """What `pieces.sheet_table` draws."""
    head: list[Json] = [
        {"text": text, "number": sheet.is_numbers(place)} for place, text in enumerate(sheet.head)
    ]
    rows: list[Json] = []
    for place, cells in enumerate(sheet.rows):
        drawn: dict[str, Json] = {"cells": list[Json](cells)}
        if sheet.differences:
            drawn["difference"] = _difference(sheet.differences[place])
        if sheet.shares:
            drawn["share"] = sheet.shares[place]
        rows.append(drawn)
    return {"caption": sheet.title, "head": head, "rows": rows}


def _difference(one: PairedDifference) -> Json:
    if one.difference is None or one.low is None or one.high is None:
        return None
    return {"value": one.difference, "low": one.low, "high": one.high}


def frame(sheet: Sheet) -> pd.DataFrame:
    """The rows as a table of texts, and of differences as numbers; strings as stored."""
    names: list[str] = []
    for place, text in enumerate(sheet.head):
        name = text or f"column {place + 1}"
        names.append(f"{name} ({place + 1})" if name in names else name)
    found = pd.DataFrame([list(row) for row in sheet.rows], columns=names, dtype="str")
    if sheet.differences:
        for part in ("difference", "low", "high", "p"):
            values = [getattr(one, part) for one in sheet.differences]
            found[f"exact {part}"] = pd.Series(values, dtype="float64")
    return found
