"""The part of the compare page that goes prompt by prompt: plot, brushed pictures, one pair."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from evalharness.app import exports
from evalharness.app.compare import judged, reading
from evalharness.app.compare.pairs import (
    MOST_LISTED,
    list_payload,
    outputs_with,
    signed,
    viewer_payload,
)
from evalharness.app.pieces import Payload, delta_bars, pair_list, pair_viewer
from evalharness.app.source import Edition
from evalharness.app.view import View
from evalharness.board.answers.seen import ProgramRun
from evalharness.board.columns import MetricColumn
from evalharness.board.compare import Comparison, Side
from evalharness.board.compare.prompt_differences import Answers, PromptDifference
from evalharness.board.figures import Format, column_format
from evalharness.board.inert import markdown_text
from evalharness.board.outputs import GalleryOutput
from evalharness.core.nouns import Json

SHOWN = 12
"""Prompts shown with pictures at once: the outermost of what is brushed."""

_METRIC, _SPAN, _PLOT = "by", "span", "delta"
_PROMPT, _SEED, _MODE, _VIEWER = "prompt", "seed", "mode", "pair"
_MODES = ("side by side", "slider")


def show(chosen: View, found: Comparison, first: Side, second: Side) -> None:
    """Draw it, as far as the sides have a metric on outputs in common."""
    judges = judged.columns(chosen, first, second)
    columns = {one.column.metric: one.column for one in found.metrics if one.paired.prompts}
    columns |= {name: column for name, (column, _) in judges.items()}
    if not columns:
        return
    st.subheader("Prompt by prompt", anchor=False)
    column = columns[_choose_metric(columns, found)]
    place = (chosen.edition, chosen.suite.digest, first, second)
    if column.metric in judges:
        _, differences = judges[column.metric]
    else:
        differences = reading.by_prompt(*place, column.metric, chosen.where)
    form = column_format(column.unit, [(one.first, None, None) for one in differences])
    span = _choose_span(differences, column, form)
    shown = _outermost(differences[span[0] - 1 : span[1]])
    answers = reading.answers(*place, tuple(one.prompt_id for one in shown))
    labels = (first.label, second.label)
    by_id = {one.prompt_id: one for one in differences}
    opened = pair_list(list_payload(answers, by_id, form, labels), "pairs").opened
    if opened is not None:
        st.session_state[_PROMPT] = opened["prompt"]
    exports.offer(f"{found.suite}-by-prompt", lambda: _frame(differences))
    _view_one(place, differences, shown, column, form, labels)


def _choose_metric(columns: dict[str, MetricColumn], found: Comparison) -> str:
    usual = found.apart.metric if found.apart is not None else next(iter(columns))
    names = list(columns)
    chosen: str = st.selectbox(
        "By metric", names, index=names.index(usual), key=_METRIC, width=320, bind="query-params"
    )
    return chosen


def _choose_span(
    differences: Sequence[PromptDifference], column: MetricColumn, form: Format
) -> tuple[int, int]:
    """Which prompts are looked at, by brushing the plot or by the slider below it."""
    n = len(differences)
    which = "up" if column.direction == "higher" else "down"
    chosen: tuple[int, int] = st.session_state.get(_SPAN) or (1, n)
    delta_bars(_bars(differences, column, form, chosen), _PLOT, _brushed)
    st.caption(
        f"{markdown_text(column.title)}{f' ({form.unit})' if form.unit else ''}: {which} is better "
        "for the second; blue where the second does better, amber where the first does. Drag over "
        "the bars, or move the slider, to see a part of the prompts; press to see all again."
    )
    if n < 2:
        return 1, n
    span: tuple[int, int] = st.slider(
        "Prompts, from the smallest difference to the largest",
        1,
        n,
        (1, n),
        key=_SPAN,
        bind="query-params",
    )
    return span


def _bars(
    differences: Sequence[PromptDifference],
    column: MetricColumn,
    form: Format,
    span: tuple[int, int],
) -> Payload:
    values = [one.difference for one in differences]
    bars: list[Json] = [
        {
            "value": one.difference,
            "title": f"{one.text[:MOST_LISTED]}: {signed(form, one.difference)} "
            f"({form.number(one.first)} and {form.number(one.second)})",
        }
        for one in differences
    ]
    ticks: list[Json] = [
        {"value": value, "text": signed(form, value) if value else "0"}
        for value in sorted({min(0.0, *values), 0.0, max(0.0, *values)})
    ]
    return {
        "bars": bars,
        "ticks": ticks,
        "span": list[Json](span),
        "higher": column.direction == "higher",
        "alt": f"Difference of each of {len(values)} common prompts in {column.title}, smallest "
        "first; the slider below chooses a part of them.",
    }


def _brushed() -> None:
    part = st.session_state[_PLOT].brushed
    st.session_state[_SPAN] = (part["from"], part["to"])


def _outermost(part: Sequence[PromptDifference]) -> Sequence[PromptDifference]:
    """All of a small part; of a large one the ends, where the sides differ most."""
    if len(part) <= SHOWN:
        return part
    return [*part[: SHOWN // 2], *part[-(SHOWN // 2) :]]


def _frame(differences: Sequence[PromptDifference]) -> pd.DataFrame:
    return pd.DataFrame(
        [(one.prompt_id, one.text, one.first, one.second, one.difference) for one in differences],
        columns=["prompt", "text", "first", "second", "difference"],
    )


def _view_one(
    place: tuple[Edition, str, Side, Side],
    differences: Sequence[PromptDifference],
    shown: Sequence[PromptDifference],
    column: MetricColumn,
    form: Format,
    labels: tuple[str, str],
) -> None:
    """One prompt's pair in full."""
    st.subheader("One pair", anchor=False)
    names = [one.prompt_id for one in differences]
    widest = max(shown, key=lambda one: abs(one.difference)).prompt_id
    with st.container(horizontal=True, vertical_alignment="bottom", key="one-pair"):
        prompt = st.selectbox(
            "Prompt",
            names,
            index=names.index(widest),
            key=_PROMPT,
            width=360,
            bind="query-params",
        )
        (one,) = reading.answers(*place, (prompt,))
        seed = _choose_seed(one)
        outputs = outputs_with(one, seed)
        pictures = any(output is not None and output.kind == "picture" for output in outputs)
        mode = _choose_mode() if pictures else _MODES[0]
    runs = [_runs(place, one, output) for output in outputs]
    said = _judged(place, one, seed, labels)
    payload = viewer_payload(one, seed, labels, column.metric, form, mode, runs, said)
    st.session_state["pair-order"] = names
    pair_viewer(payload, _VIEWER, _move)


def _choose_mode() -> str:
    mode: str = st.segmented_control(
        "View", _MODES, default=_MODES[0], required=True, key=_MODE, bind="query-params"
    )
    return mode


def _runs(
    place: tuple[Edition, str, Side, Side], one: Answers, output: GalleryOutput | None
) -> tuple[ProgramRun, ...]:
    if output is None or output.kind != "text" or output.text is None or not output.whole:
        return ()
    return reading.runs_of(*place[:2], one.prompt_id, output.text)


def _judged(
    place: tuple[Edition, str, Side, Side], one: Answers, seed: int, labels: tuple[str, str]
) -> Json:
    if any(output is None or output.kind != "text" for output in outputs_with(one, seed)):
        return None
    return judged.payload(reading.heard(*place, one.prompt_id, seed), labels)


def _choose_seed(one: Answers) -> int:
    seeds = sorted({output.seed for output in (*one.first, *one.second)})
    chosen: str = st.selectbox(
        "Seed", [str(seed) for seed in seeds], key=_SEED, width=110, bind="query-params"
    )
    return int(chosen)


def _move() -> None:
    """The next or the previous prompt, by a key or a button of the viewer."""
    names: list[str] = st.session_state["pair-order"]
    step = st.session_state[_VIEWER].moved["by"]
    place = names.index(st.session_state[_PROMPT]) + step
    st.session_state[_PROMPT] = names[place % len(names)]
