"""The choose page: which model fits a look and its limits, how sure that is, and why."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from evalharness.app import exports, links, source, view
from evalharness.app.choose import answering, candidates, form, words
from evalharness.app.choose.form import Asked
from evalharness.app.fronts import front_payload
from evalharness.app.pieces import candidate_bars, evidence, front_plot
from evalharness.app.view import View
from evalharness.board.choose.recommendation import Flip, Recommendation
from evalharness.board.choose.tables import sheets, tie_break_text
from evalharness.board.inert import markdown_text
from evalharness.board.sheets import to_json, to_markdown
from evalharness.catalog.briefs import brief_yaml
from evalharness.core.errors import HarnessError


def show() -> None:
    """Draw the page for the current view."""
    chosen = view.current()
    if chosen.suite.modality != "image":
        st.info("Models are chosen by the look of their pictures; this suite asks for none.")
        return
    if len(chosen.suite.models) < 2:
        st.info("A choice needs the answers of at least two models. Put the suite to another one:")
        st.code(f"evalharness run {shlex.quote(chosen.suite.suite)} --models NAME", language=None)
        return
    left, right = st.columns([4, 7], gap="large")
    with left:
        asked = form.ask(chosen)
    with right:
        form.say_problems(asked.problems)
        try:
            _respond(chosen, asked)
        except HarnessError as error:
            st.warning("There is no answer to this brief yet.")
            st.code(str(error), language=None, wrap_lines=True)


def _respond(chosen: View, asked: Asked) -> None:
    if not asked.brief.words and not asked.brief.references:
        _invite(chosen)
        return
    open_looks = answering.open_looks(chosen.edition, chosen.suite.suite, asked.brief)
    if open_looks:
        _offer_to_look(chosen, asked, open_looks)
        return
    _tell(chosen, asked, answering.answer(chosen.edition, chosen.suite.suite, asked.brief))


def _invite(chosen: View) -> None:
    st.header("Which model fits your look?", anchor=False)
    st.write(
        "Describe the look in words, give pictures that have it, or both. The answer says which "
        f"of the {len(chosen.suite.models)} models here comes nearest, how sure that is, and why."
    )
    st.write(
        "Pictures tell more than words: they need not show what you want to make, only how it "
        "should look. Five are enough for a name, twenty for a probability."
    )
    st.button("Try it with “pixel art”", on_click=_example, type="secondary")


def _example() -> None:
    st.session_state["words"] = "pixel art"


def _offer_to_look(chosen: View, asked: Asked, number: int) -> None:
    st.header("Ready to look", anchor=False)
    things = "1 thing has" if number == 1 else f"{number:,} things have"
    st.write(
        f"{things} not been looked at yet: your words and pictures, and what they are held "
        "against. It is done once; the first time takes some seconds longer, because networks "
        "have to be loaded."
    )
    if st.button("Look and answer", type="primary", key="look"):
        with st.spinner("Looking …", show_time=True):
            answering.look(chosen.edition, chosen.suite.suite, asked.brief)
        st.rerun()


def _tell(chosen: View, asked: Asked, found: Recommendation) -> None:
    titles = {one.model: one.title for one in found.candidates}
    titles |= {one.model: one.model for one in found.rejected} | dict.fromkeys(found.set_aside, "")
    titles = {model: title or model for model, title in titles.items()}
    st.header(markdown_text(words.verdict(found, titles)), anchor=False)
    st.write(markdown_text(words.sureness(found)))
    st.caption(markdown_text(words.evidence(found)))
    if found.tie_break is not None:
        _break_the_tie(asked, found)
    if found.candidates:
        links.go(candidate_bars(candidates.payload(found, chosen.address), "candidates").followed)
        st.caption(
            "Utility is the sum of weight × component: style in the distance that models are "
            "apart, latency in doublings of speed, the rest in standard deviations within prompts."
        )
    if found.nearest:
        _show_evidence(asked, found, titles)
    if found.candidates and found.best:
        _reasons(found, titles)
    _front(found, chosen.address)
    _rejected(found, titles)
    _take_away(chosen, asked, found)


def _break_the_tie(asked: Asked, found: Recommendation) -> None:
    assert found.tie_break is not None
    st.write(markdown_text(tie_break_text(found.tie_break)))
    if found.tie_break.prompts is not None:
        st.write("Prompts of your own decide best: a text file with one a line, and")
        first_two = tuple(one.model for one in found.candidates[:2])
        line = ["evalharness", "choose", "--prompts", "mine.txt", "--run"]
        line += form.flags(replace(asked.brief, models=first_two))
        st.code(shlex.join(line), language=None, wrap_lines=True)


def _show_evidence(asked: Asked, found: Recommendation, titles: Mapping[str, str]) -> None:
    st.subheader("What speaks for it", anchor=False)
    references = {
        f"{path} #1": sha256
        for path, sha256 in zip(asked.brief.references, asked.pictures, strict=True)
    }
    flagged = source.flagged_in(view.current().edition)
    payload = candidates.evidence(found, titles, references, flagged)
    evidence(payload, "evidence")


def _reasons(found: Recommendation, titles: Mapping[str, str]) -> None:
    st.subheader("Why, and what would change it", anchor=False)
    if said := words.separates(found, titles):
        st.write(markdown_text(said))
    for place, one in enumerate(found.flips):
        with st.container(horizontal=True, vertical_alignment="center", key=f"flip-{place}"):
            st.markdown(markdown_text(words.flip(one, titles)), width="content")
            if (stop := _stop(one)) is not None:
                weight = one.what.removeprefix("weight of ")
                st.button(
                    "Try it", key=f"try-{place}", on_click=form.set_weight, args=(weight, stop)
                )


def _stop(one: Flip) -> float | None:
    """A little beyond where the answer changes; None where no slider can be put there."""
    if one.value is None or one.now is None:
        return None
    return form.beyond(one.value, one.now)


def _front(found: Recommendation, suite: str) -> None:
    costs = candidates.measured_costs(found)
    if not costs:
        return
    st.subheader("Fit against cost", anchor=False)
    cost = costs[0]
    if len(costs) > 1:
        cost = st.segmented_control(
            "Cost",
            costs,
            default=costs[0],
            required=True,
            format_func=candidates.COSTS.__getitem__,
            key="against.cost",
            label_visibility="collapsed",
            bind="query-params",
        )
    payload = front_payload(
        candidates.points(found, cost, suite),
        "fit (utility without latency)",
        candidates.COSTS[cost],
        f"Fit of each candidate against {candidates.COSTS[cost]}; filled dots are those that no "
        "other candidate beats in both.",
    )
    links.go(front_plot(payload, "front").followed)


def _rejected(found: Recommendation, titles: Mapping[str, str]) -> None:
    out = list(words.rejections(found, titles))
    if not out:
        return
    st.subheader("Out of the running", anchor=False)
    for title, why in out:
        st.write(f"**{markdown_text(title)}**: {markdown_text(why)}.")


def _take_away(chosen: View, asked: Asked, found: Recommendation) -> None:
    st.subheader("Take it with you", anchor=False)
    st.code(shlex.join(form.command(chosen, asked)), language=None, wrap_lines=True)
    with st.container(horizontal=True, key="answer-files"):
        _file("Brief (YAML)", "brief.yaml", "application/yaml", brief_yaml(asked.brief))
        _file("Answer (JSON)", "answer.json", "application/json", to_json(found))
        _file("Answer (Markdown)", "answer.md", "text/markdown", to_markdown(sheets(found)))
    if found.candidates:
        exports.offer(f"{chosen.suite.suite}-candidates", lambda: candidates.frame(found))


def _file(label: str, name: str, mime: str, data: str) -> None:
    st.download_button(
        label,
        data,
        name,
        mime,
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        key=name,
    )


if __name__ == "__main__":
    show()
