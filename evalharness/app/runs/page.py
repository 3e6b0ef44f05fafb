"""The runs page: live progress, what each run was and could not do, history, gates."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta

import streamlit as st

from evalharness.app import links, sheets, view
from evalharness.app.pieces import progress_bars
from evalharness.app.runs import past, reading
from evalharness.app.runs.progress import payload
from evalharness.app.view import View
from evalharness.board.figures import status_words
from evalharness.board.inert import markdown_text
from evalharness.board.runs import RunEntry
from evalharness.board.sheets import Sheet

_RUN, _AGAINST, _SAME = "run", "against", "same"
MOST_RUNS = 20


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    st.title("Runs", anchor=False)
    entries = reading.all_runs(chosen.edition)
    if not entries:
        st.info("No run is on record in this store yet:")
        st.code(f"evalharness run {shlex.quote(chosen.suite.suite)}", language=None)
        return
    going = [
        one
        for place, one in enumerate(entries)
        if reading.goes_on(chosen.edition, one, newest=place == 0)
    ]
    for entry in going:
        _show_progress(chosen, entry)
    _list(entries, {one.run for one in going})
    _one(chosen, entries, {one.run for one in going})
    past.history(chosen)
    past.gates(chosen)


def _show_progress(chosen: View, entry: RunEntry) -> None:
    st.header(markdown_text(f"{entry.command} is running"), anchor=False)
    stages = reading.progress_of(chosen.edition, entry.run)
    if stages:
        progress_bars(payload(stages), f"progress-{entry.run}")
    else:
        st.write("It has nothing to generate: it looks and scores.")
    st.caption(
        f"Begun {_moment(entry.started_at)}; last heard of {_moment(entry.heard_at)}, with "
        f"{entry.scores:,} scores. This page follows it by itself."
    )


def _list(entries: tuple[RunEntry, ...], going: set[str]) -> None:
    rows = tuple(
        (
            _moment(one.started_at),
            one.command,
            state(one, going),
            _lasted(one),
            _outputs(one),
            f"{one.scores:,}",
            one.run,
        )
        for one in entries[:MOST_RUNS]
    )
    head = ("begun (UTC)", "command", "state", "took", "outputs", "scores", "run")
    more = len(entries) - MOST_RUNS
    said = (f"{more:,} older ones can be chosen below.",) if more > 0 else ()
    sheets.show(Sheet("All runs", head, rows, said), "runs")


def state(entry: RunEntry, going: set[str]) -> str:
    """What became of a run, in words."""
    if entry.run in going:
        return "running"
    return "stopped without an end" if entry.status == "running" else entry.status


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _lasted(entry: RunEntry) -> str:
    seconds = ((entry.ended_at or entry.heard_at) - entry.started_at).total_seconds()
    return str(timedelta(seconds=round(seconds)))


def _outputs(entry: RunEntry) -> str:
    counts = sorted(entry.outputs.items(), key=lambda item: (item[0] != "ok", item[0]))
    return " · ".join(f"{count:,} {status_words(status)}" for status, count in counts) or "none"


def _one(chosen: View, entries: tuple[RunEntry, ...], going: set[str]) -> None:
    by_run = {one.run: one for one in entries}
    asked = st.query_params.get(_RUN)
    st.header("One run", anchor=False)
    if asked is not None and asked not in by_run:
        st.warning(markdown_text(f"No run here is called {asked!a}; the newest one is shown."))
    with st.container(horizontal=True, vertical_alignment="bottom", key="run-choice"):
        run = st.selectbox("Run", list(by_run), key=_RUN, width=300, bind="query-params")
        others = [name for name in by_run if name != run]
        against = None
        if others:
            before = [name for name in others if by_run[name].started_at <= by_run[run].started_at]
            usual = before[0] if before else others[0]
            against = st.selectbox(
                "Beside",
                others,
                index=others.index(usual),
                key=_AGAINST,
                width=300,
                bind="query-params",
            )
    entry = by_run[run]
    st.caption(
        markdown_text(
            f"{entry.command} · {state(entry, going)} · begun {_moment(entry.started_at)} UTC · "
            f"took {_lasted(entry)} · outputs: {_outputs(entry)} · {entry.scores:,} scores"
        )
    )
    _troubles(chosen, run)
    _circumstances(chosen, run, against)
    _logs(chosen, run)


def _troubles(chosen: View, run: str) -> None:
    found = reading.troubles_of(chosen.edition, run)
    if not found:
        return
    st.subheader("What it could not answer", anchor=False)
    for place, one in enumerate(found):
        with st.container(key=f"trouble-{place}", gap=None):
            st.markdown(
                markdown_text(f"{one.count:,} {status_words(one.status)}: {', '.join(one.models)}")
            )
            st.code(one.reason or "No reason was given.", language=None, wrap_lines=True)
            st.page_link(
                links.script_of("gallery"),
                label="See one of them",
                query_params={
                    "suite": one.suite,
                    "output": one.job_key,
                    "take": str(one.take),
                    "whose": one.model,
                    "asked": one.prompt_id,
                },
            )


def _circumstances(chosen: View, run: str, against: str | None) -> None:
    facts = reading.facts_of(chosen.edition, run, against)
    everything = True
    if against is not None:
        everything = st.toggle("Show also what is the same", key=_SAME, bind="query-params")
    shown = [one for one in facts if everything or one.value != one.other]
    title = "What differs" if against is not None and not everything else "Circumstances"
    if not shown:
        st.subheader(title, anchor=False)
        st.write("Nothing: arguments, versions, machine and commit are the same.")
        return
    head = ("", "", "this run", *(("beside",) if against is not None else ()))
    rows = tuple(
        (one.what, one.name, one.value, *((one.other,) if against is not None else ()))
        for one in shown
    )
    sheets.show(Sheet(title, head, rows), "run")


def _logs(chosen: View, run: str) -> None:
    ends = reading.logs_of(chosen.edition, run)
    if not ends:
        return
    with st.expander("The log of its child" if len(ends) == 1 else f"Logs of {len(ends)} children"):
        titles = [one.title for one in ends]
        title = st.selectbox("Child", titles, key="log", width=360)
        end = ends[titles.index(title)]
        if not end.whole:
            st.caption("The end of it; the file has more.")
        st.code("\n".join(end.lines) or "It wrote nothing.", language=None, height=360)


if __name__ == "__main__":
    show()
