"""What a visitor wants to see of the gallery; all of it stands in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from evalharness.app import source
from evalharness.app.view import View
from evalharness.board.columns import MetricColumn
from evalharness.board.figures import status_words
from evalharness.board.gallery import AS_IT_IS, Sift
from evalharness.board.gallery_sift import ORDERS, Order
from evalharness.board.inert import markdown_text

ALL_SEEDS = "all"
LENGTHS = ("10", "20", "40")
"""Prompts a page."""

_WORDS: dict[Order, str] = {
    "suite": "as in the suite",
    "apart": "where models differ most",
    "best": "where models do best",
    "worst": "where models do worst",
    "troubles": "most troubles first",
}
_FILTERS: dict[str, Any] = {"search": "", "status": None, "low": None, "high": None}
"""The filters' keys, with what clears them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Columns, seed, prompts and their order; `metric` is the one whose scores are shown."""

    models: tuple[str, ...]
    seed: int | None
    sift: Sift
    metric: MetricColumn | None
    length: int
    unblurred: bool

    @property
    def filtered(self) -> bool:
        """Whether prompts may be left out."""
        return bool(filters(self.sift))


def choose(chosen: View) -> Wanted:
    """Draw the choices."""
    facts = source.gallery_facts(chosen.edition, chosen.suite.digest)
    columns = {c.metric: c for c in source.columns_of(chosen.edition, chosen.suite.digest)}
    with st.container(horizontal=True, vertical_alignment="bottom", key="columns"):
        models = st.multiselect(
            "Models",
            [model.model for model in facts.models],
            placeholder="all",
            key="models",
            width=420,
            bind="query-params",
        )
        seeds = [*map(str, facts.seeds), ALL_SEEDS]
        seed = st.selectbox("Seed", seeds, key="seed", width=100, bind="query-params")
        metric = (
            st.selectbox("Score", list(columns), key="metric", width=230, bind="query-params")
            if columns
            else None
        )
        order = st.selectbox(
            "Order",
            ORDERS if columns else ("suite", "troubles"),
            format_func=_WORDS.__getitem__,
            key="sorted",
            width=230,
            bind="query-params",
        )
        length = st.selectbox(
            "Prompts a page", LENGTHS, key="length", width=120, bind="query-params"
        )
        shown = models or [model.model for model in facts.models]
        of = (
            st.selectbox(
                "of",
                shown,
                index=None,
                placeholder="all shown",
                key="of",
                width=190,
                bind="query-params",
            )
            if order in ("best", "worst")
            else None
        )
    pictures = chosen.suite.modality != "text"
    sift, unblurred = _sift(order, columns.get(metric or ""), facts.statuses, of or "", pictures)
    return Wanted(
        tuple(models),
        None if seed == ALL_SEEDS else int(seed),
        sift,
        columns.get(metric or ""),
        int(length),
        unblurred,
    )


def _sift(
    order: Order, metric: MetricColumn | None, statuses: tuple[str, ...], of: str, pictures: bool
) -> tuple[Sift, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        search = st.text_input(
            "Prompts with", placeholder="any words", key="search", width=230, bind="query-params"
        )
        status = st.selectbox(
            "Status",
            statuses,
            index=None,
            placeholder="any",
            key="status",
            width=150,
            bind="query-params",
        )
        low, high = (
            st.number_input(
                label,
                value=None,
                placeholder="any",
                key=key,
                width=130,
                help="Of some shown model's mean on the prompt; shares from 0 to 1.",
                bind="query-params",
            )
            if metric is not None
            else None
            for label, key in (("Score from", "low"), ("to", "high"))
        )
        # bound to no address: a link that somebody sends never shows what is flagged
        unblurred = pictures and st.toggle("Show flagged pictures", key="unblurred")
    return Sift(order, metric, search.strip(), status or "", low, high, of), unblurred


def filters(sift: Sift) -> dict[tuple[str, ...], str]:
    """What each filter in force asks for, by the keys that hold it."""
    found: dict[tuple[str, ...], str] = {}
    if sift.search:
        found["search",] = f"with “{sift.search}”"
    if sift.status:
        found["status",] = f"with an output that is {status_words(sift.status)}"
    if sift.metric is not None and (sift.low is not None or sift.high is not None):
        low = "any" if sift.low is None else f"{sift.low:g}"
        high = "any" if sift.high is None else f"{sift.high:g}"
        found["low", "high"] = f"scored from {low} to {high} by {sift.metric.metric}"
    return found


def without(sift: Sift, keys: tuple[str, ...]) -> Sift:
    """The same, but for the filters of these keys."""
    return replace(sift, **{key: getattr(AS_IT_IS, key) for key in keys})


def say_filters(wanted: Wanted, total: int, whole: int) -> None:
    """How many prompts are left, and each filter as a chip that clears it."""
    found = filters(wanted.sift)
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="filtered"):
        st.caption(f"{total:,} of {whole:,} prompts:", width="content")
        for keys, said in found.items():
            st.button(
                markdown_text(said),
                on_click=_clear,
                args=(keys,),
                key=f"clear-{keys[0]}",
                icon=":material/close:",
                help="Clear this filter",
            )
        if len(found) > 1:
            st.button("Clear all", on_click=_clear, args=(tuple(_FILTERS),), type="tertiary")


def say_empty(sift: Sift, counted: Callable[[Sift], int]) -> None:
    """No prompt is left: what each filter alone takes away; `counted` says how many are left."""
    found = filters(sift)
    lines = [
        f"Clearing the filter ‘{said}’ leaves {left:,} prompt{'' if left == 1 else 's'}."
        for keys, said in found.items()
        if len(found) > 1 and (left := counted(without(sift, keys)))
    ]
    advice = " ".join(lines) or (
        "Loosen the filter above." if len(found) == 1 else "Loosen several filters above."
    )
    st.info(markdown_text(f"No prompt is left. {advice}"))


def _clear(keys: tuple[str, ...]) -> None:
    for key in keys:
        st.session_state[key] = _FILTERS[key]
