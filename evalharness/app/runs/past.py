"""The part of the runs page that looks back: numbers run by run, and gates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from evalharness.app import exports, sheets, shelves
from evalharness.app.colours import DOT, QUIET
from evalharness.app.pieces import shelf
from evalharness.app.runs import reading
from evalharness.app.runs.gate_command import command_for
from evalharness.app.source import edition, flagged_in, known_suites
from evalharness.app.view import View
from evalharness.board.columns import MetricColumn
from evalharness.board.figures import Format, column_format
from evalharness.board.gate.history import Entry
from evalharness.board.gate.stored import StoredGate
from evalharness.board.gate.tables import headline
from evalharness.board.gate.tables import sheets as gate_sheets
from evalharness.board.gate.verdict import Gate
from evalharness.board.inert import markdown_text
from evalharness.board.numbers import between_text
from evalharness.core.nouns import Json

_SUITE, _MODEL, _METRIC, _GATE = "suite", "history.model", "history.metric", "gate"
MOST_WORST = 6


def history(chosen: View) -> None:
    """A suite's numbers run by run, for one model and metric."""
    st.header("Run by run", anchor=False)
    others = [entry.suite for entry in known_suites(chosen.edition) if entry.newest]
    names = list(dict.fromkeys([chosen.suite.suite, *others]))
    with st.container(horizontal=True, vertical_alignment="bottom", key="history-choice"):
        suite = st.selectbox("Suite", names, key=_SUITE, width=240, bind="query-params")
        found = reading.history_of(chosen.edition, suite)
        models = list(dict.fromkeys(one.model for one in found.entries))
        if not models or not found.columns:
            st.write("No run has made outputs of this suite that ended for good.")
            return
        model = st.selectbox("Model", models, key=_MODEL, width=280, bind="query-params")
        metrics = {column.metric: column for column in found.columns}
        metric = st.selectbox("Metric", list(metrics), key=_METRIC, width=280, bind="query-params")
    own = [one for one in found.entries if one.model == model]
    _plot(own, metrics[metric])
    exports.offer(f"{suite}-history", lambda: _frame(found.entries, list(metrics)))


def _plot(entries: Sequence[Entry], column: MetricColumn) -> None:
    cells = [one.cells[column.metric] for one in entries]
    known = [(c.value, c.low, c.high) for c in cells if c.value is not None]
    if not known:
        st.write("No run has a number of this metric.")
        return
    form = column_format(column.unit, known)
    names = run_names(entries, [cell.n for cell in cells])
    points = pd.DataFrame(
        [
            {
                "run": name,
                "value": cell.value * form.scale,
                "low": math.nan if cell.low is None else cell.low * form.scale,
                "high": math.nan if cell.high is None else cell.high * form.scale,
                "n": cell.n,
                "what": "other weights or settings" if one.changed else "as the run before",
            }
            for one, name, cell in zip(entries, names, cells, strict=True)
            if cell.value is not None
        ]
    )
    st.subheader(markdown_text(column.title), anchor=False)
    st.altair_chart(
        _chart(points, column, form),
        height=300,
        key="history-plot",
        alt=f"{column.title} of {entries[0].model} run by run with 95 % intervals; the download "
        "has the numbers.",
    )
    if any(one.changed for one in entries):
        st.caption("A diamond marks other weights or settings than in the run before.")
    if len({cell.n for cell in cells if cell.value is not None}) > 1:
        st.caption(
            "Runs made unequal numbers (n) of these outputs, as they do for prompts that another "
            "suite shares or that were answered before: only numbers of the same n compare."
        )


def run_names(entries: Sequence[Entry], numbers: Sequence[int]) -> list[str]:
    """What runs are called on the plot, with how many outputs they made where that differs."""
    equal = len({n for n in numbers if n}) < 2
    return [
        f"{one.started_at} · {one.run[-6:]}" + ("" if equal else f" · n {n}")
        for one, n in zip(entries, numbers, strict=True)
    ]


def _chart(points: pd.DataFrame, column: MetricColumn, form: Format) -> alt.LayerChart:
    unit = f" ({form.unit})" if form.unit else ""
    across = alt.X("run:O", title=None, sort=None, axis=alt.Axis(labelAngle=-35, labelLimit=190))
    scale = alt.Scale(zero=False, padding=16)
    title = f"{column.direction} is better{unit}"
    base = alt.Chart(points)
    line = base.mark_line(color=QUIET, opacity=0.4).encode(
        x=across, y=alt.Y("value:Q", title=title, scale=scale)
    )
    interval = (
        base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        .mark_rule(strokeWidth=3, strokeCap="round", color=DOT, opacity=0.4)
        .encode(x=across, y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q")
    )
    changed = "datum.what == 'other weights or settings'"
    dots = base.mark_point(filled=True, size=110, color=DOT, opacity=1).encode(
        x=across,
        y=alt.Y("value:Q", title=title, scale=scale),
        shape=alt.condition(changed, alt.value("diamond"), alt.value("circle")),
        tooltip=[
            alt.Tooltip("run:O", title="Run"),
            alt.Tooltip("value:Q", title="Mean", format=".4~g"),
            alt.Tooltip("low:Q", title="95 % from", format=".4~g"),
            alt.Tooltip("high:Q", title="to", format=".4~g"),
            alt.Tooltip("n:Q", title="n"),
            alt.Tooltip("what:N", title="Model"),
        ],
    )
    chart: alt.LayerChart = alt.layer(line, interval, dots).configure_view(strokeWidth=0)
    return chart


def _frame(entries: Sequence[Entry], metrics: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "model": one.model,
                "run": one.run,
                "command": one.command,
                "started_at": one.started_at,
                "changed": one.changed,
                "metric": metric,
                "value": one.cells[metric].value,
                "low": one.cells[metric].low,
                "high": one.cells[metric].high,
                "n": one.cells[metric].n,
            }
            for one in entries
            for metric in metrics
        ]
    )


def gates(chosen: View) -> None:
    """How gates came out; the newest first."""
    st.header("Gates", anchor=False)
    found = reading.gates(chosen.edition)
    if not found:
        st.write(
            "No gate has been judged in this store. Save a baseline, and hold runs against it:"
        )
        st.code(command_for(chosen.suite.suite), language=None, wrap_lines=True)
        return
    named = {_name(one): one for one in found}
    name = st.selectbox("Gate", list(named), key=_GATE, width=520, bind="query-params")
    gate = named[name].gate
    st.caption(markdown_text(f"{gate.prompts} prompts × {gate.seeds} seeds, run {gate.run}"))
    for place, sheet in enumerate(gate_sheets(gate)):
        sheets.show(sheet, f"gate-{place}")
    _worst(gate)


def _name(one: StoredGate) -> str:
    return f"{one.judged_at:%Y-%m-%d %H:%M:%S} {headline(one.gate)} against {one.gate.against}"


def _worst(gate: Gate) -> None:
    """The pictures of the prompts that got worse most, before and after."""
    items: list[Json] = []
    flagged = flagged_in(edition())
    for test in gate.judgements:
        for prompt in test.worst:
            note = f"{test.model}, {test.metric}: worse by {between_text(prompt.worse, None, None)}"
            for when, pictures in (("before", prompt.before), ("now", prompt.after)):
                items += [
                    shelves.picture(
                        sha256,
                        f"{when}: {prompt.text}",
                        note,
                        f"{when}: {prompt.text}",
                        flagged=sha256 in flagged,
                    )
                    for sha256 in pictures[:1]
                ]
    if items:
        st.subheader("What got worse most", anchor=False)
        shelf({"items": items[: 2 * MOST_WORST]}, "gate-worst")
