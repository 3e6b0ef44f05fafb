"""The brief as a form; everything in it stands in the address."""

from __future__ import annotations

from dataclasses import dataclass, fields

import streamlit as st

from evalharness.app import source
from evalharness.app.choose.references import MOST, Kept, keep, named, paths
from evalharness.app.pieces import reference_strip
from evalharness.app.routes import picture_url, thumbnail_url
from evalharness.app.view import View
from evalharness.board.inert import markdown_text
from evalharness.catalog.briefs import LONGEST_WORDS, unusual
from evalharness.catalog.pictures import ENDINGS
from evalharness.core.brief import Brief, LicenceClass, Limits, Weights
from evalharness.core.errors import HarnessError
from evalharness.core.nouns import Json

WEIGHT = "weight."
"""A weight's name in the address begins so."""

_REFERENCES, _UPLOADS, _STRIP = "references", "uploads", "reference-strip"
_ROUND, _PROBLEMS = "choose-uploads", "choose-problems"
_MOST_MIB = 20
_HIGHEST = 3.0

MEANINGS = {
    "style": "How near a model's own look is to the reference pictures.",
    "words": "How much more its pictures look like the words than like any picture.",
    "quality": "How good its pictures are by the suite's preference and aesthetic metrics.",
    "alignment": "How well its pictures show what prompts ask for.",
    "steerability": "How well it gives a look that a prompt asks for.",
    "latency": "How fast it is, in doublings of speed.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A brief, the pictures that are its references, and what was wrong with what was given."""

    brief: Brief
    pictures: tuple[str, ...]
    problems: tuple[str, ...]


def ask(chosen: View) -> Asked:
    """Draw the form; the brief as it stands."""
    words = st.text_area(
        "The look in words",
        placeholder="such as: a soft watercolour on rough paper",
        max_chars=LONGEST_WORDS,
        key="words",
        height=88,
        bind="query-params",
    )
    kept = _references()
    weights = _weights()
    limits = _limits()
    models = st.multiselect(
        "Models to consider",
        chosen.suite.models,
        placeholder="all of the suite",
        key="models",
        bind="query-params",
    )
    return Asked(
        Brief(
            words=words.strip(),
            references=paths(source.store_path(), kept.pictures),
            models=tuple(models),
            limits=limits,
            weights=weights,
        ),
        kept.pictures,
        kept.problems,
    )


def _references() -> Kept:
    """Uploads are kept at once and their box is emptied: the address is what holds them."""
    turn = st.session_state.setdefault(_ROUND, 0)
    st.file_uploader(
        "Reference pictures",
        type=sorted(ending.removeprefix(".") for ending in ENDINGS),
        accept_multiple_files=True,
        max_upload_size=_MOST_MIB,
        key=f"{_UPLOADS}-{turn}",
        on_change=_take,
        help=f"Up to {MOST} pictures that have the look you want, whatever they show. Five are "
        "enough for a name, twenty for a probability you can trust.",
    )
    kept = named(st.query_params.get(_REFERENCES, ""), source.store_path())
    if kept.pictures:
        shown: list[Json] = [
            {
                "sha256": sha256,
                "thumb": thumbnail_url(sha256),
                "address": picture_url(sha256),
                "alt": f"Reference picture {place}",
            }
            for place, sha256 in enumerate(kept.pictures, 1)
        ]
        reference_strip({"pictures": shown}, _STRIP, _drop)
    return Kept(kept.pictures, (*st.session_state.get(_PROBLEMS, ()), *kept.problems))


def _take() -> None:
    """Files came in."""
    turn = st.session_state[_ROUND]
    uploads = st.session_state[f"{_UPLOADS}-{turn}"] or []
    store = source.store_path()
    before = named(st.query_params.get(_REFERENCES, ""), store)
    try:
        kept = keep(store, uploads, before.pictures)
    except HarnessError as error:
        st.session_state[_PROBLEMS] = (str(error),)
        return
    st.session_state[_PROBLEMS] = kept.problems
    st.session_state[_ROUND] = turn + 1
    _name(kept.pictures)


def _drop() -> None:
    """A reference was taken out, or all of them (None)."""
    dropped = st.session_state[_STRIP].dropped["sha256"]
    kept = named(st.query_params.get(_REFERENCES, ""), source.store_path()).pictures
    st.session_state[_PROBLEMS] = ()
    _name(tuple(sha256 for sha256 in kept if dropped is not None and sha256 != dropped))


def _name(pictures: tuple[str, ...]) -> None:
    if pictures:
        st.query_params[_REFERENCES] = ",".join(pictures)
    else:
        st.query_params.pop(_REFERENCES, None)


def _weights() -> Weights:
    st.subheader("What counts how much", anchor=False)
    found: dict[str, float] = {}
    with st.container(key="weights", gap=None):
        for one in fields(Weights):
            assert isinstance(one.default, float)
            found[one.name] = st.slider(
                one.name.capitalize(),
                0.0,
                _HIGHEST,
                one.default,
                0.01,
                key=f"{WEIGHT}{one.name}",
                help=f"{MEANINGS[one.name]} Usually {one.default:g}; 0 leaves it out.",
                bind="query-params",
            )
    return Weights(**found)


def beyond(value: float, now: float) -> float | None:
    """The slider's stop past `value`, seen from `now`; None where the slider does not reach it."""
    stop = round(value + (0.01 if value > now else -0.01), 2)
    return stop if 0.0 <= stop <= _HIGHEST else None


def set_weight(name: str, value: float) -> None:
    """Move a slider, for a callback."""
    st.session_state[f"{WEIGHT}{name}"] = value


def _limits() -> Limits:
    st.subheader("What a model must keep to", anchor=False)
    with st.container(key="limits", horizontal=True, vertical_alignment="bottom"):
        latency = _amount("Latency", "latency", "s", "95 % of outputs take at most so long.")
        memory = _amount("Memory", "memory", "GiB", "Memory at its highest.")
        cost = _amount("Cost", "cost", "US$ per 1,000", "Per 1,000 outputs.")
    licences: tuple[LicenceClass, ...] = ("any", "commercial", "permissive")
    licence: LicenceClass = st.segmented_control(
        "Licence",
        licences,
        default="any",
        required=True,
        key="limit.licence",
        help="permissive: use for any purpose; commercial: may be sold under conditions.",
        bind="query-params",
    )
    offline = st.toggle(
        "Only models that run on one's own machine", key="limit.offline", bind="query-params"
    )
    return Limits(latency, memory, cost, licence, offline)


def _amount(label: str, name: str, unit: str, meaning: str) -> float | None:
    found: float | None = st.number_input(
        f"{label} ({unit})",
        min_value=0.0,
        max_value=1e6,
        value=None,
        placeholder="no limit",
        key=f"limit.{name}",
        width=150,
        help=meaning,
        bind="query-params",
    )
    return found or None


def say_problems(problems: tuple[str, ...]) -> None:
    """What could not be read of what was given; the rest was kept."""
    for problem in problems:
        st.warning(markdown_text(problem))


def command(chosen: View, asked: Asked) -> list[str]:
    """`evalharness choose` with the same brief, as arguments."""
    return ["evalharness", "choose", chosen.suite.suite, *flags(asked.brief)]


def flags(brief: Brief) -> list[str]:
    """The brief as flags of `evalharness choose`."""
    words = ["--store", str(source.store_path())]
    if brief.words:
        words += ["--words", brief.words]
    for path in brief.references:
        words += ["--references", path]
    for name, value in unusual(brief.weights).items():
        words += ["--weight", f"{name}={value:g}"]
    for name, value in unusual(brief.limits).items():
        words += ["--limit", name if value is True else f"{name}={value}"]
    if brief.models:
        words += ["--models", ",".join(brief.models)]
    return words
