"""What all pages share: which suite, which prompts, and a look out for new results.

All of it stands in the address, so that a view can be sent to somebody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn, TypeAlias

import streamlit as st

from evalharness.app import source
from evalharness.app.source import Edition, Where
from evalharness.board.inert import markdown_text
from evalharness.board.leaderboard import SuiteEntry
from evalharness.core.errors import HarnessError

REFRESH_S = 3.0
"""How often an open page looks whether something new was published (one small file read)."""

Scope: TypeAlias = Literal["slice", "suite", "store"]
"""What a page is about: the prompts of a suite that carry tags, a whole suite, or the store."""

_KEY, _SUITE, _MODALITY = "view", "suite", "modality"
_TAG = "tag."


@dataclass(frozen=True, slots=True)
class View:
    """What a visitor looks at: an edition of the store, a suite in it, and a slice of that.

    `address` is the suite's name in the address. `where` is empty on pages about whole suites.
    """

    edition: Edition
    suite: SuiteEntry
    address: str
    where: Where


def current() -> View:
    """The view of this run of the page, as `choose` found it."""
    found: View = st.session_state[_KEY]
    return found


def choose(scope: Scope) -> None:
    """Show the choices above a page and keep them for `current`; stops where nothing is shown.

    A page about the whole store draws its own heading. Raises StoreError for a store that cannot
    be read.
    """
    edition = source.edition()
    entries = source.known_suites(edition) if edition[1] else ()
    _watch(edition)
    if not entries:
        _say_empty(edition)
    named = _named(entries)
    if scope == "store":
        name = next(iter(named))
        st.session_state[_KEY] = View(edition, named[name], name, ())
        return
    heading = st.container(gap=None)
    with st.container(horizontal=True, vertical_alignment="bottom", key="choices"):
        _choose_modality(named)
        name = st.selectbox("Suite", named, key=_SUITE, width=240, bind="query-params")
        entry = named[name]
        where: Where = ()
        if scope == "slice":
            where = _choose_slice(source.known_tags(edition, entry.digest))
    with heading:
        _head(entry)
    st.session_state[_KEY] = View(edition, entry, name, where)


def _head(entry: SuiteEntry) -> None:
    st.title(markdown_text(entry.title or entry.suite), anchor=False)
    facts = [
        entry.modality,
        f"{entry.suite} version {entry.version}",
        _counted(entry.prompts, "prompt"),
        _counted(len(entry.models), "model"),
        f"{entry.protocol} settings",
        f"digest {entry.digest[:12]}",
    ]
    st.caption(markdown_text(" · ".join(facts)))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _choose_modality(named: Mapping[str, SuiteEntry]) -> None:
    """Where suites ask for several kinds of media: which kind, so that nothing stands beside what
    cannot be compared with it. It follows the suite, and pressing it leads to the kind's first.
    """
    kinds = list(dict.fromkeys(entry.modality for entry in named.values()))
    if len(kinds) < 2:
        return
    asked: str = st.session_state.get(_SUITE) or st.query_params.get(_SUITE, "")
    shown = named[asked] if asked in named else next(iter(named.values()))
    st.session_state[_MODALITY] = shown.modality

    def lead() -> None:
        kind = st.session_state[_MODALITY]
        st.session_state[_SUITE] = next(n for n, one in named.items() if one.modality == kind)

    st.segmented_control("Kind", kinds, required=True, key=_MODALITY, on_change=lead)


def _named(entries: Sequence[SuiteEntry]) -> dict[str, SuiteEntry]:
    """Suites by their names in the address; what was worked on most comes first: it is what a
    visitor without an address sees.
    """
    named = {e.suite if e.newest else f"{e.suite} {e.digest[:12]}": e for e in entries}

    def place(name: str) -> tuple[bool, int, str]:
        entry = named[name]
        return not entry.newest, -entry.prompts * len(entry.models), name

    return {name: named[name] for name in sorted(named, key=place)}


def _choose_slice(known: Mapping[str, Mapping[str, int]]) -> Where:
    """One box a tag. Values with a single choice are left out: they cut nothing off."""
    chosen = []
    for tag, values in known.items():
        value = st.selectbox(
            markdown_text(tag.capitalize()),
            sorted(values),
            index=None,
            placeholder="any",
            key=f"{_TAG}{tag}",
            width=170,
            bind="query-params",
        )
        if value is not None:
            chosen.append((tag, value))
    return tuple(chosen)


@st.fragment(run_every=REFRESH_S)
def _watch(shown: Edition) -> None:
    """Draw the page anew when something else is published than what it shows."""
    try:
        now = source.edition()
    except HarnessError:
        return  # a store being moved or made; the page keeps what it shows
    if now != shown:
        st.rerun()


def _say_empty(edition: Edition) -> None:
    st.title("No results yet", anchor=False)
    where = "is empty so far" if source.store_path().exists() else "does not exist yet"
    st.write(f"The store this page reads {where}:")
    st.code(edition[0], language=None, wrap_lines=True)
    st.write("Fill it with the demo (a few minutes on a laptop), or with a suite of your own:")
    st.code("evalharness demo\nevalharness run tinyworld", language=None)
    st.write("This page shows the results as soon as the first ones are published.")
    st.stop()


def say_unreadable(error: HarnessError) -> NoReturn:
    """Say what is wrong with the store, and offer to look again."""
    st.title("The store cannot be read", anchor=False)
    st.code(str(error), language=None, wrap_lines=True)
    if st.button("Look again"):
        st.rerun()
    st.stop()
