"""The compare page: two models, takes or runs, number by number and picture by picture."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

import streamlit as st

from evalharness.app import sheets, source, view
from evalharness.app.compare import judged, prompts, reading
from evalharness.app.source import board_of
from evalharness.app.view import View
from evalharness.board.compare import Comparison, Side
from evalharness.board.compare.tables import number_sheets, origins_sheet
from evalharness.board.figures import status_words
from evalharness.board.inert import markdown_text
from evalharness.core.errors import HarnessError

_FIRST, _SECOND = "first", "second"


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides that a visitor compares."""

    first: Side
    second: Side


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    known = reading.known_sides(chosen.edition, chosen.suite.digest)
    if len(known) < 2:
        _say_alone(chosen, list(known))
        return
    sides = _choose_sides(chosen, known)
    try:
        found = reading.comparison(
            chosen.edition, chosen.suite.digest, sides.first, sides.second, chosen.where
        )
    except HarnessError as error:
        st.warning("These two cannot be compared.")
        st.code(str(error), language=None, wrap_lines=True)
        return
    _head(found)
    numbers = number_sheets(found)
    for place, sheet in enumerate(numbers[:1]):
        sheets.show(sheet, f"compare-{place}")
    judged.show(chosen, sides.first, sides.second)
    prompts.show(chosen, found, sides.first, sides.second)
    for place, sheet in enumerate(numbers[1:], 1):
        sheets.show(sheet, f"compare-{place}")
    _origins(chosen, found, sides)
    _command(chosen, sides)


def _say_alone(chosen: View, known: list[str]) -> None:
    st.info("There is nothing to compare yet: this suite has one model with one take.")
    again = shlex.join(["evalharness", "run", chosen.suite.suite, "--models", *known, "--fresh"])
    other = f"evalharness run {shlex.quote(chosen.suite.suite)} --models NAME"
    st.code(f"{other}\n{again}", language=None)


def _choose_sides(chosen: View, known: dict[str, Side]) -> Sides:
    for key in (_FIRST, _SECOND):
        asked = st.query_params.get(key)
        if asked is not None and asked not in known:
            st.warning(markdown_text(f"Nothing here is called {asked!a}; another one is shown."))
    labels = list(known)
    best = _two_best(chosen, labels)
    with st.container(horizontal=True, vertical_alignment="bottom", key="sides"):
        first, second = (
            st.selectbox(
                label,
                labels,
                index=labels.index(best[place]),
                key=key,
                width=360,
                bind="query-params",
            )
            for place, (label, key) in enumerate((("First", _FIRST), ("Second", _SECOND)))
        )
        st.button("Swap", icon=":material/swap_horiz:", on_click=_swap)
    return Sides(known[first], known[second])


def _two_best(chosen: View, labels: list[str]) -> tuple[str, str]:
    board = board_of(chosen.edition, chosen.suite.digest, ())
    models = [row.model for row in board.rows if row.model in labels]
    first, second, *_ = [*models, *(label for label in labels if label not in models)]
    return first, second


def _swap() -> None:
    first, second = st.session_state[_FIRST], st.session_state[_SECOND]
    st.session_state[_FIRST], st.session_state[_SECOND] = second, first


def _head(found: Comparison) -> None:
    st.header(markdown_text(f"{found.second.title} against {found.first.title}"), anchor=False)
    parts = [
        f"{found.pairs:,} pairs of answers with the same prompt and seed",
        "differences are second minus first",
    ]
    for side in (found.first, found.second):
        other = [
            f"{count:,} {status_words(status)}"
            for status, count in side.statuses.items()
            if status != "ok"
        ]
        if other:
            parts.append(f"{side.label}: {', '.join(other)}")
    st.caption(markdown_text(" · ".join(parts)))
    for note in found.notes:
        st.write(markdown_text(note))


def _origins(chosen: View, found: Comparison, sides: Sides) -> None:
    everything = st.toggle("Show also what is the same", key="origins", bind="query-params")
    listed = found.differing
    if everything:
        listed = reading.both_origins(
            chosen.edition, chosen.suite.digest, sides.first, sides.second
        )
    if listed:
        title = "Where both come from" if everything else "What else differs"
        sheets.show(origins_sheet(title, found, listed), "compare-origins")
    else:
        st.write("Nothing else differs: model, settings and environment are equal.")


def _command(chosen: View, sides: Sides) -> None:
    line = ["evalharness", "compare", chosen.suite.called, sides.first.label, sides.second.label]
    for tag, value in chosen.where:
        line += ["--where", f"{tag}={value}"]
    st.code(
        shlex.join([*line, "--store", str(source.store_path())]), language=None, wrap_lines=True
    )


if __name__ == "__main__":
    show()
