"""The metrics page: what every number means, how it is made, and whether to believe it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from evalharness.app import exports, sheets, view
from evalharness.app.metrics.known import Known, known_metrics, stored_metrics
from evalharness.app.pieces import definitions
from evalharness.board.inert import markdown_text
from evalharness.board.numbers import EXPERIMENTAL, MARKS, UNVERIFIED
from evalharness.board.sheets import Sheet
from evalharness.catalog.aspects import ASPECTS
from evalharness.core.nouns import Json
from evalharness.report.metrics import INSTRUMENT_HEAD, instrument_rows

ABOUT = "about"
_MOST_OPEN = 2


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    st.title("Metrics", anchor=False)
    st.write(
        "A metric is computed from stored outputs and from what an instrument saw in them, named "
        "in brackets. Metrics on outputs are averaged over prompts with intervals; metrics on sets "
        "give one number for all of a model's outputs. Numbers of different instruments are never "
        "comparable."
    )
    stored = stored_metrics(chosen.edition)
    asked = st.query_params.get(ABOUT, "")
    shown = _filtered(known_metrics(), stored, asked)
    if asked and asked not in {one.name for one in known_metrics()}:
        st.warning(markdown_text(f"There is no metric {asked!a}; the list below has all of them."))
    if not shown:
        st.info("No metric fits what you are looking for. Clear the filters to see all of them.")
    else:
        entries: list[Json] = [
            _entry(one, stored.get(one.name, {}), one.name == asked or len(shown) <= _MOST_OPEN)
            for one in shown
        ]
        definitions({"metrics": entries, "asked": asked}, "definitions")
        exports.offer("metrics", lambda: _frame(shown))
    st.caption(markdown_text(f"{EXPERIMENTAL} {MARKS[EXPERIMENTAL]}."))
    st.caption(markdown_text(f"{UNVERIFIED} {MARKS[UNVERIFIED]}."))
    sheets.show(Sheet("Instruments", INSTRUMENT_HEAD, tuple(instrument_rows())), "instruments")


def _filtered(
    known: tuple[Known, ...], stored: dict[str, dict[str, bool | None]], asked: str
) -> tuple[Known, ...]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="metric-filters"):
        words = st.text_input(
            "Find", placeholder="such as sharpness, text, arXiv", key="find", width=320,
            bind="query-params",
        )  # fmt: skip
        aspect = st.selectbox(
            "Aspect", [one.name for one in ASPECTS], index=None, placeholder="any", key="aspect",
            width=220, bind="query-params",
        )  # fmt: skip
        some = any(one.name in stored for one in known)
        here = st.toggle("Only what this store has", value=some, key="stored", bind="query-params")
    of_aspect = next((one.metrics for one in ASPECTS if one.name == aspect), None)

    def fits(one: Known) -> bool:
        if one.name == asked:
            return True
        family = one.name.partition(".")[0]
        return (
            (not here or one.name in stored)
            and (of_aspect is None or one.name in of_aspect or family in of_aspect)
            and all(word in one.words for word in words.casefold().split())
        )

    return tuple(one for one in known if fits(one))


def _entry(one: Known, stored: dict[str, bool | None], opened: bool) -> Json:
    marks: list[Json] = []
    if one.experimental:
        marks.append({"text": "experimental", "tone": "held"})
    if False in stored.values():
        marks.append({"text": "unverified here", "tone": "held"})
    elif True in stored.values():
        marks.append({"text": "verified", "tone": "good"})
    rows: list[Json] = [[label, value] for label, value in one.rows]
    if stored:
        rows.append(["in this store", ", ".join(_standing(*item) for item in stored.items())])
    return {
        "name": one.name,
        "title": one.title,
        "measures": one.measures,
        "marks": marks,
        "rows": rows,
        "open": opened,
    }


def _standing(metric: str, verified: bool | None) -> str:
    alone = " (no published weights)" if "[" in metric else ""
    told = {True: " (verified)", False: " (unverified †)", None: alone}[verified]
    return f"{metric}{told}"


def _frame(shown: tuple[Known, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"metric": one.name, "title": one.title, "measures": one.measures, **dict(one.rows)}
            for one in shown
        ]
    )


if __name__ == "__main__":
    show()
