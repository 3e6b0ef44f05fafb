"""The gallery page: what every model answered to every prompt, and one output in full."""

from __future__ import annotations

import shlex

import pandas as pd
import streamlit as st

from evalharness.app import exports, source, view
from evalharness.app.gallery import lightbox
from evalharness.app.gallery.choices import Wanted, choose, say_empty, say_filters
from evalharness.app.gallery.tiles import grid_payload
from evalharness.app.pieces import picture_grid
from evalharness.app.view import View
from evalharness.board.answers.checks import CHECKING
from evalharness.board.columns import base_name
from evalharness.board.gallery import AS_IT_IS, GalleryPage

_GRID = "grid"


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    place = (chosen.edition, chosen.suite.digest, chosen.where)
    whole = len(source.prompts_of_gallery(*place, (), None, AS_IT_IS))
    if not whole or not source.gallery_facts(chosen.edition, chosen.suite.digest).models:
        st.info("This suite has no outputs yet. They appear here while a run goes on:")
        st.code(f"evalharness run {shlex.quote(chosen.suite.suite)}", language=None)
        return
    wanted = choose(chosen)
    asked = (*place, wanted.models, wanted.seed)
    total = whole
    if wanted.filtered:
        total = len(source.prompts_of_gallery(*asked, wanted.sift))
    say_filters(wanted, total, whole)
    if not total:
        say_empty(wanted.sift, lambda sift: len(source.prompts_of_gallery(*asked, sift)))
        return
    number = _choose_page(total, wanted)
    metrics = _read_of(chosen, wanted)
    start = (number - 1) * wanted.length
    page = source.gallery_of(*asked, start, wanted.length, wanted.sift, metrics)
    payload = grid_payload(
        page,
        chosen.suite.title,
        metric=wanted.metric,
        status=wanted.sift.status,
        unblurred=wanted.unblurred,
    )
    picture_grid(payload, _GRID, _open)
    exports.offer(f"{chosen.suite.suite}-outputs", lambda: _outputs(chosen, wanted, total))
    lightbox.show(chosen, page, wanted)


def _read_of(chosen: View, wanted: Wanted) -> tuple[str, ...]:
    """The metrics whose scores are read: the one that is shown, and those that say how checks of
    answers in words came out.
    """
    shown = () if wanted.metric is None else (wanted.metric.metric,)
    columns = source.columns_of(chosen.edition, chosen.suite.digest)
    checking = (one.metric for one in columns if base_name(one.metric) in CHECKING)
    return tuple(dict.fromkeys((*shown, *checking)))


def _choose_page(total: int, wanted: Wanted) -> int:
    pages = -(-total // wanted.length)
    with st.container(horizontal=True, vertical_alignment="center", key="paging"):
        if not wanted.filtered:
            words = "1 prompt" if total == 1 else f"{total:,} prompts"
            st.caption(words, width="content")
        if pages == 1:
            return 1
        return st.pagination(pages, key="page", width=260, bind="query-params")


def _open() -> None:
    """A tile was pressed: its output stands in the address from now on."""
    pressed = st.session_state[_GRID].opened
    lightbox.name(pressed["job"], pressed["take"], pressed["model"], pressed["prompt"])


def _outputs(chosen: View, wanted: Wanted, total: int) -> pd.DataFrame:
    """Every output of the prompts that are meant, on all pages, one a row."""
    place = (chosen.edition, chosen.suite.digest, chosen.where)
    asked = (*place, wanted.models, wanted.seed)
    page: GalleryPage = source.gallery_of(*asked, 0, total, wanted.sift, whole=True)
    return pd.DataFrame(
        [
            {
                "prompt": row.prompt_id,
                "text": row.text,
                "model": model,
                "seed": output.seed,
                "take": output.take,
                "status": output.status,
                "reason": output.reason,
                "sha256": output.sha256,
                "answer": output.text,
                **output.scores,
            }
            for row in page.rows
            for model, outputs in row.cells.items()
            for output in outputs
        ]
    )


if __name__ == "__main__":
    show()
