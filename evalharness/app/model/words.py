"""A model's answers in words that it did best and worst with."""

from __future__ import annotations

import streamlit as st

from evalharness.app import links, shelves, source
from evalharness.app.pieces import shelf
from evalharness.app.view import View
from evalharness.board.figures import column_format
from evalharness.board.gallery import Sift
from evalharness.board.gallery_sift import Order
from evalharness.board.inert import markdown_text
from evalharness.core.nouns import Json

SHOWN = 6

_TITLES: tuple[tuple[Order, str], ...] = (("best", "Best answers"), ("worst", "Worst answers"))


def show(chosen: View, model: str) -> None:
    """Draw both, by the first metric on outputs; nothing of suites that ask for pictures."""
    columns = source.columns_of(chosen.edition, chosen.suite.digest)
    if chosen.suite.modality != "text" or not columns:
        return
    metric = columns[0]
    for order, title in _TITLES:
        page = source.gallery_of(
            chosen.edition,
            chosen.suite.digest,
            (),
            (model,),
            None,
            0,
            SHOWN,
            Sift(order, metric, of=model),
            (metric.metric,),
        )
        shown = [
            (row, one)
            for row in page.rows
            for one in row.cells[model][:1]
            if one.status == "ok" and metric.metric in one.scores
        ]
        form = column_format(
            metric.unit, [(one.scores[metric.metric], None, None) for _, one in shown]
        )
        items: list[Json] = [
            shelves.item(
                one,
                chosen.address,
                model,
                row.prompt,
                form.with_unit(one.scores[metric.metric]),
            )
            for row, one in shown
        ]
        if items:
            st.subheader(title, anchor=False)
            st.caption(markdown_text(f"By {metric.metric}. A press opens one in the gallery."))
            links.go(shelf({"items": items}, f"shelf-{order}-answers").followed)
