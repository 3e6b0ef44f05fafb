"""The gallery page: what every model answered to every prompt, and one output in full."""

from __future__ import annotations

import re

import streamlit as st

from evalharness.app import source, view
from evalharness.app.gallery.detail import show_detail
from evalharness.app.gallery.tiles import grid_payload
from evalharness.app.pieces import picture_grid
from evalharness.app.view import View
from evalharness.board.gallery import GalleryPage
from evalharness.board.inert import markdown_text
from evalharness.core.errors import HarnessError

PAGE_LENGTH = 10  # prompts; a comment, because Streamlit draws bare strings of a page script
_GRID, _OUTPUT, _TAKE = "grid", "output", "take"
# not `model` and `prompt`: other pages bind those to boxes, and could then not lead here
_MODEL, _PROMPT = "whose", "asked"
_ALL_SEEDS = "all"
_TAKE_NUMBER = re.compile(r"[0-9]{1,9}")


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    whole = source.gallery_of(chosen.edition, chosen.suite.digest, chosen.where, (), None, 0, 1)
    if not whole.models or not whole.total:
        st.info("This suite has no outputs yet. They appear here while a run goes on.")
        return
    models, seed = _choose_columns(whole)
    number = _choose_page(whole.total)
    page = source.gallery_of(
        chosen.edition,
        chosen.suite.digest,
        chosen.where,
        models,
        seed,
        (number - 1) * PAGE_LENGTH,
        PAGE_LENGTH,
    )
    picture_grid(grid_payload(page, chosen.suite.title), _GRID, _open)
    if _OUTPUT in st.query_params:
        _show_output(chosen)


def _choose_columns(whole: GalleryPage) -> tuple[tuple[str, ...], int | None]:
    """Which models and which seed; no model named means all of them."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="columns"):
        models = st.multiselect(
            "Models",
            [model.model for model in whole.models],
            placeholder="all",
            key="models",
            width=520,
            bind="query-params",
        )
        seeds = [*map(str, whole.seeds), _ALL_SEEDS]
        seed = st.selectbox("Seed", seeds, key="seed", width=120, bind="query-params")
    return tuple(models), None if seed == _ALL_SEEDS else int(seed)


def _choose_page(total: int) -> int:
    pages = -(-total // PAGE_LENGTH)
    with st.container(horizontal=True, vertical_alignment="center", key="paging"):
        words = "1 prompt" if total == 1 else f"{total:,} prompts"
        st.caption(words, width="content")
        if pages == 1:
            return 1
        return st.pagination(pages, key="page", width=260, bind="query-params")


def _open() -> None:
    """A tile was pressed: its output stands in the address from now on."""
    pressed = st.session_state[_GRID].opened
    st.query_params[_OUTPUT] = pressed["job"]
    st.query_params[_TAKE] = str(pressed["take"])
    st.query_params[_MODEL], st.query_params[_PROMPT] = pressed["model"], pressed["prompt"]


def _close() -> None:
    for name in (_OUTPUT, _TAKE, _MODEL, _PROMPT):
        st.query_params.pop(name, None)


def _show_output(chosen: View) -> None:
    job, take = st.query_params[_OUTPUT], st.query_params.get(_TAKE, "1")
    try:
        if not _TAKE_NUMBER.fullmatch(take):
            raise HarnessError(f"A take is a number, found {take!r} in the address.")
        asked = st.query_params.get(_MODEL), st.query_params.get(_PROMPT)
        detail = source.output_of(chosen.edition, chosen.suite.digest, job, int(take), *asked)
    except HarnessError as error:
        st.dialog("This output cannot be shown", on_dismiss=_close)(_show_problem)(error)
        return
    title = f"{detail.title} · seed {detail.seed}"
    st.dialog(markdown_text(title), width="large", on_dismiss=_close)(show_detail)(detail)


def _show_problem(error: HarnessError) -> None:
    st.code(str(error), language=None, wrap_lines=True)


if __name__ == "__main__":
    show()
