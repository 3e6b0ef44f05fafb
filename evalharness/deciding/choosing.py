"""A brief from question to answer: run its prompts if asked, look, choose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evalharness.board.choose.choosing import choose
from evalharness.board.choose.recommendation import Recommendation
from evalharness.board.choose.selftest import SelfTest, self_test
from evalharness.board.columns import base_name, instrument_name
from evalharness.board.pictures import STYLE_BY
from evalharness.board.suites import SuiteEntry, find_suite, suites
from evalharness.catalog.models import load_models
from evalharness.catalog.names import name_of_file
from evalharness.core.brief import Brief
from evalharness.core.errors import BadInputError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.asked import Asked
from evalharness.runner.brief_features import (
    BriefLooks,
    brief_features,
    find_brief_looks,
    look_at_outputs,
    unseen,
)
from evalharness.runner.reporting import say_report
from evalharness.runner.run import run_asked

WORDS_BY = "clip-vit-l-14"
READ_WITH_WORDS = ("clip_score", "steerability", "style_match", "default_look")
"""Metrics whose instrument sees pictures and words alike."""


def answer_brief(
    brief: Brief,
    suite: str | None = None,
    *,
    run_first: bool = False,
    style_by: str = "",
    words_by: str = "",
    store: Path,
) -> Recommendation:
    """The recommendation for a brief from a store's suite, or from the brief's own prompts.

    `run_first` puts the brief's prompts to its models (or the suite's). Raises HarnessError.
    """
    if brief.prompts is not None:
        if run_first:
            brief = _run_prompts(brief, suite, words_by, store)
        suite = name_of_file(Path(brief.prompts or ""))
    entry, looks = _entry_and_looks(brief, suite, style_by, words_by, store)
    features = brief_features(store, entry.digest, brief, looks)
    connection = connect(Store.open(store))
    try:
        return choose(connection, entry.digest, brief, features)
    finally:
        connection.close()


def yet_to_see(brief: Brief, suite: str, *, store: Path) -> int:
    """How many pictures and words have to be looked at before the brief can be answered.

    Writes nothing. Raises HarnessError as `answer_brief`.
    """
    entry, looks = _entry_and_looks(brief, suite, "", "", store)
    return unseen(store, entry.digest, brief, looks)


def _entry_and_looks(
    brief: Brief, suite: str | None, style_by: str, words_by: str, store: Path
) -> tuple[SuiteEntry, BriefLooks]:
    entry, seen_by = _entry(store, suite)
    return entry, find_brief_looks(brief, style_by or seen_by, words_by or _words_by(entry))


def measure_choice(suite: str | None = None, *, style_by: str = "", store: Path) -> SelfTest:
    """`choose --self-test`: how well choosing by style does on a store's own pictures."""
    entry, seen_by = _entry(store, suite)
    space = look_at_outputs(store, entry.digest, style_by or seen_by)
    connection = connect(Store.open(store))
    try:
        return self_test(connection, entry.digest, space)
    finally:
        connection.close()


def _run_prompts(brief: Brief, suite: str | None, words_by: str, store: Path) -> Brief:
    """Run the brief's prompts; the brief with its models by the names they have in the store."""
    models = brief.models
    if not models and suite is not None:
        models = _entry(store, suite)[0].models
    if not models:
        raise BadInputError("No models to ask. Give --models NAME[,NAME…] or a suite of the store.")
    report = run_asked(
        "choose",
        store,
        Asked(
            prompts=Path(brief.prompts or ""),
            models=tuple(models),
            metrics=(f"clip_score[{words_by}]", "latency") if words_by else (),
        ),
    )
    say_report(report)
    return replace(brief, models=tuple(model.name for model in load_models(models)))


def _entry(store: Path, suite: str | None) -> tuple[SuiteEntry, str]:
    """The suite meant, and the instrument that style is seen by there: the first of STYLE_BY that
    has seen the store's pictures, else the last.
    """
    connection = connect(Store.open(store))
    try:
        seen_by = {row[0] for row in connection.execute(_INSTRUMENTS).fetchall()}
        style_by = next((name for name in STYLE_BY if name in seen_by), STYLE_BY[-1])
        if suite is not None:
            return _of_pictures(find_suite(connection, suite)), style_by
        return _only_suite(suites(connection)), style_by
    finally:
        connection.close()


def _of_pictures(entry: SuiteEntry) -> SuiteEntry:
    """Raises BadInputError for a suite whose answers have no look."""
    if entry.modality != "image":
        raise BadInputError(
            f"Models are chosen by the look of their pictures, and suite {entry.suite!r} asks for "
            f"{entry.modality}. `evalharness board {entry.suite}` ranks its models with what can "
            "be told apart, `compare` sets two of them side by side, and `judge` asks a judge."
        )
    return entry


_INSTRUMENTS = "SELECT DISTINCT instrument FROM features"


def _only_suite(entries: tuple[SuiteEntry, ...]) -> SuiteEntry:
    """The one suite of pictures; raises BadInputError where there is none or a choice of them."""
    found = [entry for entry in entries if entry.newest and entry.modality == "image"]
    if len(found) != 1:
        names = ", ".join(entry.suite for entry in found) or "none"
        raise BadInputError(f"Name the suite to choose from; this store holds: {names}.")
    return found[0]


def _words_by(entry: SuiteEntry) -> str:
    """The instrument that the suite itself reads pictures and words with."""
    for metric in entry.metrics:
        if base_name(metric) in READ_WITH_WORDS and (name := instrument_name(metric)):
            return name
    return WORDS_BY
