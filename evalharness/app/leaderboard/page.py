"""The leaderboard page: who is best at what, how sure that is, and what did not come back."""

from __future__ import annotations

import streamlit as st

from evalharness.app import exports, links, source, view
from evalharness.app.leaderboard import standings
from evalharness.app.leaderboard.chart import chart_height, whisker_chart
from evalharness.app.leaderboard.standings import Order
from evalharness.app.pieces import board_table
from evalharness.board.inert import markdown_text
from evalharness.board.leaderboard import Board
from evalharness.board.numbers import detectable_text, marks_text
from evalharness.board.tables import to_frame, to_markdown

_METRIC, _ORDER, _TABLE = "metric", "order", "board"
_ORDER_WORDS: dict[Order, str] = {"best": "Best first", "worst": "Worst first", "name": "By name"}


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    board = source.board_of(chosen.edition, chosen.suite.digest, chosen.where)
    if not board.rows or not board.columns:
        st.info("This suite has no scores yet. They appear here while a run goes on.")
        return
    metric, order = _choose_order(board)
    table = standings.table_payload(board, metric, order, chosen.address)
    links.go(board_table(table, _TABLE, _reorder).followed)
    st.caption(
        "Mean over prompts with a 95 % interval (prompts are the sampling unit, seeds are nested "
        "in them). Models that share a group letter cannot be told apart. Only ok outputs enter a "
        "mean; everything else is counted under Outputs. "
        + markdown_text(" ".join([marks_text(board), detectable_text(board, metric)]).strip())
    )
    _chart(board, metric, order)
    _downloads(board)


def _choose_order(board: Board) -> tuple[str, Order]:
    metrics = [column.metric for column in board.columns]
    with st.container(horizontal=True, vertical_alignment="bottom", key="ordering"):
        metric = st.selectbox(
            "Rank by",
            metrics,
            index=metrics.index(board.sort),
            key=_METRIC,
            width=320,
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
    return metric, order


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
    title = f"{column.metric}  ({standings.hint(column, shown)})"
    st.altair_chart(
        whisker_chart(points, title, list(points["model"])),
        height=chart_height(points),
        key="chart",
        alt=f"{column.title} of each model with its 95 % interval; the table has the same numbers.",
    )


def _downloads(board: Board) -> None:
    exports.offer(
        f"{board.suite}-v{board.version}",
        lambda: to_frame(board),
        markdown=lambda: to_markdown(board),
    )


if __name__ == "__main__":
    show()
