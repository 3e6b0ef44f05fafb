"""One output in full above the gallery, with ways to the outputs beside it."""

from __future__ import annotations

import re
import shlex

import streamlit as st

from evalharness.app import links, source
from evalharness.app.gallery.choices import Wanted
from evalharness.app.gallery.detail import show_detail
from evalharness.app.gallery.neighbours import steps
from evalharness.app.pieces import stepper
from evalharness.app.view import View
from evalharness.board.gallery import GalleryPage, OutputDetail
from evalharness.board.inert import markdown_text
from evalharness.core.errors import HarnessError

_OUTPUT, _TAKE = "output", "take"
# not `model` and `prompt`: other pages bind those to boxes, and could then not lead here
_MODEL, _PROMPT = "whose", "asked"
_STEPPER = "stepper"
_TAKE_NUMBER = re.compile(r"[0-9]{1,9}")


def name(job: str, take: int, model: str, prompt: str) -> None:
    """Put an output into the address, so that it is shown from now on."""
    st.query_params[_OUTPUT] = job
    st.query_params[_TAKE] = str(take)
    st.query_params[_MODEL], st.query_params[_PROMPT] = model, prompt


def _close() -> None:
    for key in (_OUTPUT, _TAKE, _MODEL, _PROMPT):
        st.query_params.pop(key, None)


def show(chosen: View, page: GalleryPage, wanted: Wanted) -> None:
    """Open the output that the address names, if it names one."""
    if _OUTPUT not in st.query_params:
        return
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
    dialog = st.dialog(markdown_text(title), width="large", on_dismiss=_close)
    dialog(_show_whole)(chosen, page, wanted, detail)


def _show_whole(chosen: View, page: GalleryPage, wanted: Wanted, detail: OutputDetail) -> None:
    payload = steps(page, detail, suite=chosen.address, unblurred=wanted.unblurred)
    taken = None if payload is None else stepper(payload, _STEPPER)
    stepped = None if taken is None else taken.stepped
    if stepped is not None:
        name(stepped["job"], stepped["take"], stepped["model"], stepped["prompt"])
        st.rerun()  # of the page: a dialog alone would show what it was opened with
    if taken is not None:
        links.go(taken.followed)
    show_detail(detail, unblurred=wanted.unblurred)
    st.caption("The same output again, where the files of suite and model are at hand:")
    st.code(shlex.join(command(detail)), language=None, wrap_lines=True)


def _show_problem(error: HarnessError) -> None:
    st.code(str(error), language=None, wrap_lines=True)


def command(detail: OutputDetail) -> list[str]:
    """`evalharness run` for exactly this output, as arguments; into a store of its own, because
    what exists is never made again.
    """
    line = ["evalharness", "run", detail.suite, "--models", detail.model]
    line += ["--prompt-id", detail.prompt_id, "--seeds", str(detail.seed)]
    for key, value in detail.settings.items():
        if isinstance(value, str | int | float | bool):
            written = str(value).lower() if isinstance(value, bool) else str(value)
            line += ["--set", f"{key}={written}"]
    return [*line, "--store", "again"]
