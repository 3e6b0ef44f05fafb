"""What the votes say: the models' strengths, and how far metrics agree."""

from __future__ import annotations

import streamlit as st

from evalharness.app import exports, links
from evalharness.app.pieces import Payload, mount
from evalharness.app.view import View
from evalharness.app.vote.reading import votes_of
from evalharness.board.inert import markdown_text
from evalharness.board.leaderboard import Board
from evalharness.board.numbers import ARROWS, p_text
from evalharness.board.sheets import to_markdown
from evalharness.board.vote_agreement import BETTER, WORSE, MetricAgreement
from evalharness.board.vote_board import Standing, VoteBoard
from evalharness.board.vote_shares import Share
from evalharness.board.vote_tables import (
    AGREEMENT_LEGEND,
    LEGEND,
    agreement_frame,
    chance_text,
    counted,
    order_text,
    rank_text,
    sentences,
    share_text,
    standings_frame,
    vote_sheets,
)
from evalharness.core.nouns import Json

MODELS = "models"
"""Which models one votes on, in the address."""

_METRIC, _POOL = "metric", "vote-models"


def show_results(chosen: View, models: tuple[str, ...]) -> None:
    """The board of votes beside a metric's order, and the agreement of every metric."""
    if not chosen.suite.models:
        st.info("This suite has no models yet. They appear here while a run goes on.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="beside"):
        models = _choose_models(chosen.suite.models, models)
        board, found = votes_of(chosen.edition, chosen.suite.digest, chosen.where, models)
        metric = _choose_metric(board)
    st.markdown(markdown_text(" ".join(sentences(found))))
    if found.votes:
        _tally(standings_payload(found, board, metric, chosen.address), "standings")
        st.caption(LEGEND)
    st.subheader("How far metrics agree with the votes", anchor=False)
    if not found.decisive:
        st.info("No vote for one side yet. Metrics are held against such votes only.")
        return
    _tally(agreement_payload(found, chosen.address), "agreement")
    st.caption(AGREEMENT_LEGEND)
    name = f"{found.suite}-v{found.version}"
    exports.offer(
        f"{name}-votes",
        lambda: standings_frame(found),
        markdown=lambda: to_markdown(vote_sheets(found, board)),
    )
    exports.offer(f"{name}-agreement", lambda: agreement_frame(found))


def _choose_models(known: tuple[str, ...], models: tuple[str, ...]) -> tuple[str, ...]:
    """Which models are voted on and ranked; none named means all of them."""
    st.session_state[_POOL] = list(models)
    st.multiselect(
        "Models",
        known,
        placeholder="all",
        key=_POOL,
        width=520,
        on_change=_mirror,
        help="For voting too: fewer models are told apart by fewer votes.",
    )
    return tuple(st.session_state[_POOL])


def _mirror() -> None:
    # Not bound: the box is not there while one votes, and the address must keep it.
    st.query_params[MODELS] = st.session_state[_POOL]


def _choose_metric(board: Board) -> str:
    metrics = [column.metric for column in board.columns]
    if not metrics:
        return ""
    chosen: str = st.selectbox(
        "Beside the order by",
        metrics,
        index=metrics.index(board.sort),
        key=_METRIC,
        width=320,
        bind="query-params",
    )
    return chosen


def _tally(payload: Payload, key: str) -> None:
    """A table of shares; a name that leads somewhere takes one there."""
    drawn = mount(
        "tally",
        '<div class="tally"></div>',
        key=key,
        data=payload,
        on_followed_change=lambda: None,
    )
    links.go(drawn.followed)


def standings_payload(found: VoteBoard, board: Board, metric: str, suite: str) -> Payload:
    """The models by strength; `suite` is the suite's name in the address."""
    cells = {(row.model, row.variant): row.cells[metric] for row in board.rows} if metric else {}
    columns: list[Json] = [
        {"title": "Rank", "hint": "95 % interval"},
        {"title": "Preferred", "hint": "to a middling model", "line": 0.5},
        {"title": "Votes", "hint": "won · lost · tied"},
        {"title": "Both bad", "hint": "of its votes"},
    ]
    if cells:
        columns.append({"title": "Rank", "hint": f"by {metric}"})
    rows: list[Json] = []
    for row in found.rows:
        drawn = _standing_cells(row)
        if cells:
            cell = cells[row.model, row.variant]
            drawn.append({"text": rank_text(cell.rank_low, cell.rank_high)})
        subtitle = row.model if row.model != row.title else ""
        link = links.target("model", suite, {"model": row.model})
        rows.append({"title": row.title, "subtitle": subtitle, "link": link, "cells": drawn})
    return {
        "caption": f"{found.title}: models by votes, with 95 % intervals",
        "name": "Model",
        "columns": columns,
        "rows": rows,
    }


def _standing_cells(row: Standing) -> list[Json]:
    group = f"group {row.tie_group}" if row.tie_group else ""
    return [
        {"text": rank_text(row.rank_low, row.rank_high), "note": group},
        {
            "text": chance_text(row),
            "value": row.chance,
            "low": row.chance_low,
            "high": row.chance_high,
            "note": row.reason,
        },
        {"text": f"{row.votes:,}", "note": f"{row.won:,} · {row.lost:,} · {row.tied:,}"},
        {"text": share_text(row.both_bad)},
    ]


def agreement_payload(found: VoteBoard, suite: str) -> Payload:
    """The metrics, those that agree most first; those on sets last.

    `suite` is the suite's name in the address.
    """

    def place(one: MetricAgreement) -> tuple[bool, float]:
        return one.share.value is None, -(one.share.value or 0.0)

    rows: list[Json] = [
        {
            "title": one.column.title,
            "subtitle": f"{one.column.metric} {ARROWS[one.column.direction]}",
            "link": links.target("metrics", suite, {"about": one.column.base}),
            "cells": [
                _share_cell(one.share),
                {"text": f"{one.share.votes:,}", "note": _lacking(one)},
                {"text": order_text(one), "note": _ordered(one)},
                {"text": one.reading, "words": True, "tone": _tone(one)},
            ],
        }
        for one in sorted(found.agreement, key=place)
    ]
    return {
        "caption": f"{found.title}: metrics by their agreement with votes, with 95 % intervals",
        "name": "Metric",
        "columns": [
            {"title": "Agrees", "hint": "share of votes for one side", "line": 0.5},
            {"title": "Votes", "hint": "on two scored outputs"},
            {"title": "Order", "hint": "τ with the votes’"},
            {"title": "Reading", "hint": "after Holm over all metrics"},
        ],
        "rows": rows,
    }


def _share_cell(share: Share) -> Json:
    return {
        "text": share_text(share),
        "value": share.value,
        "low": share.low,
        "high": share.high,
        "note": f"{counted(share.prompts, 'prompt')}" if share.votes else "",
    }


def _lacking(one: MetricAgreement) -> str:
    parts = [
        f"{one.equal:,} called equal" if one.equal else "",
        f"{one.unscored:,} without a score" if one.unscored else "",
    ]
    return ", ".join(part for part in parts if part)


def _ordered(one: MetricAgreement) -> str:
    return "" if one.order is None else f"{one.models} models, p {p_text(one.order_p)}"


def _tone(one: MetricAgreement) -> str:
    return {BETTER: "good", WORSE: "broken"}.get(one.reading, "")
