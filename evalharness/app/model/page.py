"""The model page: its look, where it is strong and weak, what it costs, who is like it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from evalharness.app import links, sheets, shelves, source, view
from evalharness.app.model import reading, words
from evalharness.app.pieces import shelf
from evalharness.app.source import known_suites
from evalharness.app.view import View
from evalharness.board.inert import markdown_text
from evalharness.board.numbers import number_text, signed_text, size_text
from evalharness.board.profile import Profile
from evalharness.board.profile.model_profile import ShownPicture
from evalharness.board.profile.tables import sections
from evalharness.board.sheets import Sheet
from evalharness.core.nouns import Json

_MODEL = "model"
_MOST_NEAR = 4


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    if not chosen.suite.models:
        st.info("No model has been put to this suite yet:")
        st.code(f"evalharness run {shlex.quote(chosen.suite.suite)} --models NAME", language=None)
        return
    found = reading.profile_of(chosen.edition, chosen.suite.digest, _choose_model(chosen))
    told = sections(found)
    told["facts"] = replace(told["facts"], title="On record")
    st.header(markdown_text(found.title), anchor=False)
    st.caption(markdown_text(f"{found.model} · {found.licence or 'licence not stated'}"))
    _answers(chosen, found)
    _standings(told)
    words.show(chosen, found.model)
    _section(told, "against")
    _pictures("Best pictures", found, found.best, "best")
    _pictures("Worst pictures", found, found.worst, "worst")
    _hurting(found)
    _section(told, "gain")
    _nearest(chosen, found)
    _section(told, "facts")
    _elsewhere(chosen, found)
    _section(told, "missing")
    line = ["evalharness", "show", found.model, "--suite", found.suite]
    line += ["--store", str(source.store_path())]
    st.code(shlex.join(line), language=None, wrap_lines=True)


def _choose_model(chosen: View) -> str:
    asked = st.query_params.get(_MODEL)
    if asked is not None and asked not in chosen.suite.models:
        st.warning(markdown_text(f"No model here is called {asked!a}; another one is shown."))
    with st.container(horizontal=True, vertical_alignment="bottom", key="model-choice"):
        model: str = st.selectbox(
            "Model", chosen.suite.models, key=_MODEL, width=360, bind="query-params"
        )
        st.page_link(
            links.script_of("gallery"),
            label="All its answers",
            icon=":material/grid_view:",
            query_params={"models": model},
        )
        st.page_link(
            links.script_of("compare"),
            label="Compare it",
            icon=":material/compare:",
            query_params={"second": model},
        )
    return model


def _section(told: dict[str, Sheet], name: str) -> None:
    if name in told:
        sheets.show(told[name], f"model-{name}")


def _standings(told: dict[str, Sheet]) -> None:
    """Beside its looks, where it has any: models that write have none."""
    looks = [name for name in ("looks", "steered") if name in told]
    if not looks:
        _section(told, "standings")
        return
    left, right = st.columns([1, 1], gap="large")
    with left:
        for name in looks:
            _section(told, name)
    with right:
        _section(told, "standings")


def _shelf(items: Sequence[Json], name: str) -> None:
    links.go(shelf({"items": list(items)}, f"shelf-{name}").followed)


def _answers(chosen: View, found: Profile) -> None:
    """What it makes when nobody says how it should look."""
    place = chosen.edition, chosen.suite.digest
    answers = reading.answers_of(*place, (found.model,), 8)
    asked = source.asked(*place, tuple(one.prompt_id for one in answers))
    if answers:
        _shelf(
            [
                shelves.item(one.output, chosen.address, one.model, asked[one.prompt_id])
                for one in answers
            ],
            "answers",
        )


def _pictures(title: str, found: Profile, shown: Sequence[ShownPicture], name: str) -> None:
    if not shown:
        return
    flagged = source.flagged_in(view.current().edition)
    st.subheader(title, anchor=False)
    st.caption(
        markdown_text(f"By {found.pictures_by}, against the other models on the same prompt.")
    )
    items = [
        shelves.picture(
            one.sha256,
            one.text,
            f"{number_text(one.score)} ({signed_text(one.gain)})",
            f"{found.model}’s answer to: {one.text}",
            flagged=one.sha256 in flagged,
        )
        for one in shown
    ]
    _shelf(items, name)


def _hurting(found: Profile) -> None:
    if not found.hurting:
        return
    flagged = source.flagged_in(view.current().edition)
    st.subheader(markdown_text(f"Pictures that raise {found.hurting_by} most"), anchor=False)
    items = [
        shelves.picture(
            one.sha256,
            one.prompt,
            f"by about {size_text(one.harm)}",
            f"{found.model}’s answer to: {one.prompt}",
            flagged=one.sha256 in flagged,
        )
        for one in found.hurting
    ]
    _shelf(items, "hurting")


def _nearest(chosen: View, found: Profile) -> None:
    near = found.nearest[:_MOST_NEAR]
    if not near:
        return
    st.subheader("Models that look most like it", anchor=False)
    st.caption(
        markdown_text(
            f"Cosine of mean looks seen by {found.style_by} from the middle of all models: 1 is "
            "the same look, 0 an unrelated one."
        )
    )
    models = (found.model, *(one.model for one in near))
    place = chosen.edition, chosen.suite.digest
    answers = reading.answers_of(*place, models, 1)
    asked = source.asked(*place, tuple({one.prompt_id for one in answers}))
    cosines = {one.model: f"cosine {one.cosine:+.2f}".replace("-", "−") for one in near}
    items = [
        shelves.item(
            one.output,
            chosen.address,
            one.model,
            asked[one.prompt_id],
            cosines.get(one.model, "this model"),
            one.model,
        )
        for one in answers
    ]
    _shelf(items, "nearest")


def _elsewhere(chosen: View, found: Profile) -> None:
    """The other suites that the model answered."""
    others = [
        entry
        for entry in known_suites(chosen.edition)
        if entry.newest and found.model in entry.models and entry.digest != chosen.suite.digest
    ]
    if others:
        st.subheader("In other suites", anchor=False)
        for entry in others:
            st.page_link(
                links.script_of("model"),
                label=markdown_text(f"{entry.title or entry.suite} ({entry.suite})"),
                query_params={"suite": entry.suite, "model": found.model},
            )


if __name__ == "__main__":
    show()
