"""The leaderboard page: who is best at what, how sure that is, and what did not come back."""

from __future__ import annotations

import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from evalharness.app import exports, links, source, view
from evalharness.app.fronts import front_payload
from evalharness.app.leaderboard import standings
from evalharness.app.leaderboard.chart import chart_height, whisker_chart
from evalharness.app.leaderboard.standings import Order
from evalharness.app.pieces import board_table, front_plot
from evalharness.app.view import View
from evalharness.board.columns import is_by_batch
from evalharness.board.inert import markdown_text
from evalharness.board.leaderboard import Board
from evalharness.board.numbers import detectable_text, marks_text
from evalharness.board.tables import to_frame, to_markdown
from evalharness.report.writing import write_report

_METRIC, _ORDER, _TABLE = "metric", "order", "board"
_ORDER_WORDS: dict[Order, str] = {"best": "Best first", "worst": "Worst first", "name": "By name"}


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    models, common = _choose_pool(chosen)
    place = (chosen.edition, chosen.suite.digest, chosen.where)
    board = source.board_of(*place, models, common)
    if not board.rows or not board.columns:
        st.info("This suite has no scores yet. They appear here while a run goes on:")
        st.code(f"evalharness run {shlex.quote(chosen.suite.suite)}", language=None)
        return
    metric, order, columns, families = _choose_looks(board)
    table = standings.table_payload(
        board,
        metric,
        order,
        chosen.address,
        columns=columns,
        bases=source.bases_of(*place[:2]) if families else None,
    )
    links.go(board_table(table, _TABLE, _reorder).followed)
    _explain(board, metric)
    _take_away(chosen, board)
    _chart(board, metric, order)
    _front(board, metric, chosen.address)


def _choose_pool(chosen: View) -> tuple[tuple[str, ...], bool]:
    """Which models are ranked against each other, and on which prompts."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="pool"):
        models = st.multiselect(
            "Models",
            chosen.suite.models,
            placeholder="all",
            key="models",
            width=520,
            help="Ranks, ties and intervals are computed anew among these.",
            bind="query-params",
        )
        common = st.toggle(
            "Only prompts that all of them answered", key="common", bind="query-params"
        )
    return tuple(models), common


def _explain(board: Board, metric: str) -> None:
    prompts = f"{board.prompts:,} prompts that all of these models answered. " * board.common
    told = [marks_text(board), detectable_text(board, metric, percent=True)]
    st.caption(prompts + _how_to_read(board) + markdown_text(" ".join(told).strip()))


def _how_to_read(board: Board) -> str:
    """How the numbers of the table are to be read, of what there is in it."""
    levels = {column.level for column in board.columns}
    means = {
        "output": "Means over prompts (a prompt’s seeds count once, together)",
        "set": "one number for each model’s whole set",
    }
    batch = "; what is measured by batch, as latency, has none"
    return (
        f"{' or '.join(words for level, words in means.items() if level in levels)}, with 95 % "
        f"intervals over prompts{batch * any(map(is_by_batch, board.columns))}. Models that share "
        "a group letter cannot be told apart. Only ok outputs enter the numbers; everything else "
        "is counted under Outputs. "
    )


def _choose_looks(board: Board) -> tuple[str, Order, list[str], bool]:
    """The metric that ranks, the order, the columns shown, and whether families stand together."""
    metrics = [column.metric for column in board.columns]
    with st.container(horizontal=True, vertical_alignment="bottom", key="looks"):
        metric = st.selectbox(
            "Rank by",
            metrics,
            index=metrics.index(board.sort),
            key=_METRIC,
            width=280,
            bind="query-params",
        )
        order = st.segmented_control(
            "Order",
            standings.ORDERS,
            default="best",
            required=True,
            format_func=_ORDER_WORDS.__getitem__,
            key=_ORDER,
            label_visibility="collapsed",
            bind="query-params",
        )
        columns = st.multiselect(
            "Columns", metrics, placeholder="all", key="columns", width=320, bind="query-params"
        )
        families = st.toggle("Fine-tunes below their base", key="families", bind="query-params")
    return metric, order, columns, families


def _reorder() -> None:
    """A header of the table was pressed: rank by it, or turn the order round."""
    pressed = st.session_state[_TABLE].sorted
    if pressed["by"] == "name":
        st.session_state[_ORDER] = "name"
        return
    same = st.session_state[_METRIC] == pressed["metric"]
    turned = same and st.session_state[_ORDER] == "best"
    st.session_state[_METRIC] = pressed["metric"]
    st.session_state[_ORDER] = "worst" if turned else "best"


def _chart(board: Board, metric: str, order: Order) -> None:
    column = standings.column_of(board, metric)
    points = standings.chart_points(board, metric, standings.ordered(board, metric, order))
    st.subheader(markdown_text(column.title), anchor=False)
    if points.empty:
        st.info("No model has a value for this metric; the table says why.")
        return
    shown = standings.formats(board)[metric]
    st.caption(markdown_text(f"{column.metric} · {standings.hint(column, shown)}"))
    st.altair_chart(
        whisker_chart(points, list(points["model"])),
        height=chart_height(points),
        key="chart",
        alt=f"{column.title} of each model with its 95 % interval; the table has the same numbers.",
    )


def _front(board: Board, metric: str, suite: str) -> None:
    """The chosen metric against what models cost."""
    costs = {name: column for name, column in standings.costs_of(board).items() if name != metric}
    if not costs:
        return
    worth = standings.column_of(board, metric)
    st.subheader(markdown_text(f"{worth.title} against cost"), anchor=False)
    names = list(costs)
    cost = st.segmented_control(
        "Cost", names, default=names[0], required=True, key="cost",
        label_visibility="collapsed", bind="query-params",
    )  # fmt: skip
    points = standings.front_points(board, metric, cost, suite)
    if not points:
        st.info("No model has both numbers.")
        return
    shown = standings.formats(board)
    payload = front_payload(
        points,
        f"{worth.title} ({standings.hint(worth, shown[metric])})",
        f"{costs[cost].title} ({standings.hint(costs[cost], shown[cost])})",
        f"{worth.title} of each model against {costs[cost].title}; filled dots are models that no "
        "other one beats in both. The table has the same numbers.",
        higher=worth.direction == "higher",
        cheap_is_low=costs[cost].direction == "lower",
    )
    links.go(front_plot(payload, "front").followed)
    st.caption(
        "Filled: no other model is better in one and as good in the other. Press a dot for the "
        "model's profile."
    )


def _take_away(chosen: View, board: Board) -> None:
    name = f"{board.suite}-v{board.version}"
    with st.container(horizontal=True, vertical_alignment="center", key="board-files"):
        exports.offer(name, lambda: to_frame(board), markdown=lambda: to_markdown(board))
        st.download_button(
            "Report of this suite",
            lambda: _report(chosen),
            f"{name}.html",
            "text/html",
            on_click="ignore",
            type="tertiary",
            icon=":material/description:",
            help="Boards, pictures, a comparison and profiles in one page that needs no server.",
        )


def _report(chosen: View) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        write_report(source.store_path(), path, (chosen.suite.digest,))
        return path.read_bytes()


if __name__ == "__main__":
    show()
