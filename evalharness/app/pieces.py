"""The app's own elements: HTML built in the browser from JSON, text always as text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import streamlit as st

from evalharness.core.nouns import Json

Payload: TypeAlias = dict[str, Json]
Shared: TypeAlias = Literal["zoom", "words"]

_STATIC = Path(__file__).with_name("static")


@cache
def _asset(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def mount(name: str, html: str, *, after: tuple[Shared, ...] = (), **arguments: Any) -> Any:
    """Register (Streamlit asks for it in every process) and show one element.

    Its style and script are `static/NAME.css` and `NAME.js`, after the ones all elements share and
    those of what can be zoomed, or is an answer in words.
    """
    parts = ("base", *after, name)
    element = st.components.v2.component(
        f"evalharness.{name}",
        html=html,
        css="".join(_asset(f"{part}.css") for part in parts),
        js="".join(_asset(f"{part}.js") for part in parts),
    )
    return element(**arguments)


def _leading(
    name: str, html: str, payload: Payload, key: str, after: tuple[Shared, ...] = ()
) -> Any:
    """An element with links; the result's `followed` is where one leads."""
    return mount(name, html, after=after, key=key, data=payload, on_followed_change=lambda: None)


def board_table(payload: Payload, key: str, sorted_by: Callable[[], None]) -> Any:
    """The leaderboard's table; the trigger `sorted` carries the header that was pressed, the
    result's `followed` is where a model's name leads.
    """
    return mount(
        "table",
        '<div class="board"></div>',
        key=key,
        data=payload,
        on_sorted_change=sorted_by,
        on_followed_change=lambda: None,
    )


def picture_grid(payload: Payload, key: str, opened: Callable[[], None]) -> None:
    """Prompts × models; the trigger `opened` carries the output whose tile was pressed."""
    mount(
        "grid",
        '<div class="gallery"></div>',
        after=("words",),
        key=key,
        data=payload,
        on_opened_change=opened,
    )


def figure(payload: Payload, key: str) -> None:
    """One stored picture at its full size."""
    mount("figure", "<figure></figure>", after=("zoom",), key=key, data=payload)


def answer(payload: Payload, key: str) -> None:
    """An answer in words with its question, its checks and what was made of it."""
    mount("answer", '<div class="answer"></div>', after=("words",), key=key, data=payload)


def facts(payload: Payload, key: str) -> None:
    """Sections of labels and values."""
    mount("facts", '<div class="facts"></div>', key=key, data=payload)


def reference_strip(payload: Payload, key: str, dropped: Callable[[], None]) -> None:
    """Small pictures; the trigger `dropped` carries the one that was taken out, None for all."""
    mount("strip", '<div class="strip"></div>', key=key, data=payload, on_dropped_change=dropped)


def candidate_bars(payload: Payload, key: str) -> Any:
    """Candidates with their utilities; the result's `followed` is where a name leads."""
    return _leading("candidates", '<div class="candidates"></div>', payload, key)


def evidence(payload: Payload, key: str) -> None:
    """By prompt: what was asked for, the best model's picture and the runner-up's."""
    mount("evidence", '<div class="evidence"></div>', key=key, data=payload)


def sheet_table(payload: Payload, key: str) -> None:
    """Rows of cells, with a whisker or a bar for each where there is something to draw."""
    mount("sheet", '<div class="sheet"></div>', key=key, data=payload)


def pair_list(payload: Payload, key: str) -> Any:
    """Two sides' answers by prompt; the result's `opened` names the prompt that was pressed."""
    return mount(
        "pairs", '<div class="pairs"></div>', key=key, data=payload, on_opened_change=lambda: None
    )


def pair_viewer(payload: Payload, key: str, moved: Callable[[], None] = lambda: None) -> None:
    """Two answers beside each other or under a slider; the trigger `moved` asks for others."""
    mount(
        "pair",
        '<div class="pair"></div>',
        after=("zoom", "words"),
        key=key,
        data=payload,
        on_moved_change=moved,
    )


def delta_bars(payload: Payload, key: str, brushed: Callable[[], None]) -> None:
    """A bar for every prompt; the trigger `brushed` carries the first and the last chosen."""
    mount("delta", '<div class="delta"></div>', key=key, data=payload, on_brushed_change=brushed)


def shelf(payload: Payload, key: str) -> Any:
    """A row of answers; the result's `followed` is where a press on one leads."""
    return _leading("shelf", '<ul class="shelf"></ul>', payload, key, after=("words",))


def progress_bars(payload: Payload, key: str) -> None:
    """A bar for each model of a run, with its statuses and its pace."""
    mount("progress", '<div class="stages"></div>', key=key, data=payload)


def definitions(payload: Payload, key: str) -> None:
    """What metrics mean, each to be opened."""
    mount("definitions", '<div class="definitions"></div>', key=key, data=payload)


def front_plot(payload: Payload, key: str) -> Any:
    """Models' worth against their cost; the result's `followed` is where a press on one leads."""
    return _leading("front", '<div class="front"></div>', payload, key)


def stepper(payload: Payload, key: str) -> Any:
    """Ways to the outputs beside one; the result's `stepped` is the one that was taken, its
    `followed` is where a link leads.
    """
    return mount(
        "stepper",
        '<div class="stepper"></div>',
        key=key,
        data=payload,
        on_stepped_change=lambda: None,
        on_followed_change=lambda: None,
    )
