"""The voting booth: two answers side by side, nothing that tells whose they are, and the keys."""

from __future__ import annotations

import secrets

import streamlit as st

from evalharness.app import sign_in, source
from evalharness.app.pieces import Payload, mount
from evalharness.app.routes import picture_url
from evalharness.app.view import View
from evalharness.app.vote.reading import Hall, ballot_box, hall_of, text_of
from evalharness.app.vote.sitting import Place, Sitting, begin
from evalharness.app.wording import prompt_pictures
from evalharness.board.vote_pairs import Answer, Pair
from evalharness.board.vote_tables import counted
from evalharness.core.nouns import Json
from evalharness.deciding.voting import WITHDRAWN

_SITTINGS, _VOTER = "sittings", "voter"

_SAID = {
    "left": "left is better",
    "right": "right is better",
    "tie": "a tie",
    "both_bad": "both are bad",
}


@st.fragment
def show_booth(chosen: View, models: tuple[str, ...], revealing: bool) -> None:
    """The pairs of this view, one after the other; a vote draws only this part anew.

    No widget stands in here: one that a quick voter's next vote interrupts would be forgotten.
    """
    place = Place(chosen.suite.digest, chosen.where, models)
    hall = hall_of(chosen.edition, place.suite, place.where, place.models)
    sitting = _sitting(place)
    sitting.fill(hall)
    if not sitting.pairs:
        _say_nothing_to_vote_on(hall, chosen)
        return
    key = f"booth-{sitting.run}"

    def hear() -> None:
        said = st.session_state[key].voted
        sitting.hear(said["events"], ballot_box(chosen.edition[0]))

    mount(
        "booth",
        '<div class="booth"></div>',
        key=key,
        data=payload(sitting, hall, chosen, revealing),
        on_voted_change=hear,
    )
    if ballot_box(chosen.edition[0]).problem:
        st.warning("Your votes are on record, but cannot be published yet.")
        st.code(ballot_box(chosen.edition[0]).problem, language=None, wrap_lines=True)


def _sitting(place: Place) -> Sitting:
    sittings: dict[Place, Sitting] = st.session_state.setdefault(_SITTINGS, {})
    if place not in sittings:
        sittings[place] = begin(place, _voter())
    return sittings[place]


def _voter() -> str:
    """Who votes: a digest of who is signed in, else this browser session and nothing more."""
    if _VOTER not in st.session_state:
        st.session_state[_VOTER] = sign_in.pseudonym() or secrets.token_hex(16)
    return str(st.session_state[_VOTER])


def payload(sitting: Sitting, hall: Hall, chosen: View, revealing: bool) -> Payload:
    """What the booth draws; nothing but `last` says whose an answer is, after the vote on it."""
    return {
        "queue": [_pair(key, sitting, chosen) for key in sitting.queue],
        "done": [_pair(key, sitting, chosen) for key in sitting.done],
        "handled": sitting.handled,
        "rounds": sitting.rounds,
        "counted": sitting.counted,
        "problem": sitting.problem,
        "left": f"{hall.pairs:,}",
        "last": _last(sitting) if revealing else "",
    }


def _pair(key: str, sitting: Sitting, chosen: View) -> Json:
    pair: Pair = sitting.pairs[key]
    asked = source.asked(chosen.edition, chosen.suite.digest, (pair.prompt_id,))
    return {
        "key": key,
        "prompt": pair.text,
        "asked": prompt_pictures(asked[pair.prompt_id]),
        "left": _answer(pair.left, chosen),
        "right": _answer(pair.right, chosen),
    }


def _answer(answer: Answer, chosen: View) -> dict[str, Json]:
    if answer.kind == "text":
        words = text_of(chosen.edition, answer.sha256)
        return {"kind": "text", "text": words or "(an empty text)"}
    flagged = answer.sha256 in source.flagged_in(chosen.edition)
    return {"kind": "picture", "source": picture_url(answer.sha256), "flagged": flagged}


def _last(sitting: Sitting) -> str:
    """Who was who in the last pair that was voted on."""
    for key in reversed(sitting.done):
        row = sitting.cast.get(key)
        if row is not None and row.choice != WITHDRAWN:
            pair = sitting.pairs[key]
            left, right = pair.left.variant.title, pair.right.variant.title
            said = _SAID[row.choice]
            return f"Last pair: {left} on the left, {right} on the right. You said: {said}."
    return ""


def _say_nothing_to_vote_on(hall: Hall, chosen: View) -> None:
    suite = chosen.suite.suite
    if hall.pairs:
        st.info(
            f"You have voted on every pair here ({counted(hall.pairs, 'pair')}). Choose other "
            "prompts above or other models, or see what the votes say."
        )
        return
    if len(hall.answers.row) < 2:
        found = "there is one" if len(hall.answers.row) else "there is none yet"
        st.info(f"Voting needs two models that answered the same prompts; {found}.")
        st.code(f"evalharness run {suite} --models ANOTHER_MODEL", language=None)
        return
    answered = int((hall.answers.row >= 0).any(axis=1).sum())
    st.info(
        "There is no pair to vote on: no two of these models gave different ok answers to the same "
        f"prompt and seed. {answered} of {len(hall.answers.row)} have an ok answer at all."
    )
    st.code(f"evalharness status\nevalharness run {suite}", language=None)
