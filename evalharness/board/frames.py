"""Any data frame as CSV and as Markdown, inert in both."""

from __future__ import annotations

import csv
import io

import pandas as pd

from evalharness.board.inert import markdown_text, spreadsheet_text
from evalharness.board.sheets import markdown_row


def csv_of(frame: pd.DataFrame) -> str:
    """The frame as CSV (RFC 4180, CRLF), missing values empty; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([spreadsheet_text(str(name)) for name in frame.columns])
    for values in frame.astype(object).itertuples(index=False):
        writer.writerow([_csv_value(value) for value in values])
    return out.getvalue()


def _csv_value(value: object) -> object:
    if isinstance(value, str):
        return spreadsheet_text(value)
    return "" if pd.isna(value) else value  # type: ignore[call-overload]


def markdown_of(frame: pd.DataFrame) -> str:
    """The frame as a GitHub table; missing values empty, numbers as Python writes them."""
    lines = [
        markdown_row(markdown_text(str(name)) for name in frame.columns),
        markdown_row(["---"] * len(frame.columns)),
    ]
    for values in frame.astype(object).itertuples(index=False):
        cells = ("" if not isinstance(v, str) and pd.isna(v) else str(v) for v in values)
        lines.append(markdown_row(map(markdown_text, cells)))
    return "\n".join([*lines, ""])
