"""Letting a judge hold models' answers against each other, both orders of every two.

Verdicts are features of the store like any other: whatever was judged once is read back. They are
kept apart from people's votes, and never counted among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalharness.board.judged.contests import Contest, Contests, read_contests
from evalharness.board.judged.judgement import Judgement, judgement
from evalharness.board.selection import Selection, select
from evalharness.board.suites import SuiteEntry, find_suite
from evalharness.board.vote_records import Votes, read_votes
from evalharness.catalog.instruments import load_instrument
from evalharness.core.errors import BadInputError
from evalharness.core.keys import exchange_subject, text_subject
from evalharness.core.nouns import Json
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.extraction import look_at
from evalharness.runner.features import fetch
from evalharness.runner.known import Known
from evalharness.runner.look import Look, find_look
from evalharness.runner.looking import Wanted, drop_known
from evalharness.runner.progress import display
from evalharness.runner.session import DEADLINE_S, Session

NOT_JUDGED = "not judged"


def judge_models(
    suite: str,
    judge: str,
    *,
    models: Sequence[str] | None = None,
    where: Mapping[str, str] | None = None,
    store: Path,
    deadline_s: float = DEADLINE_S,
) -> Judgement:
    """What the instrument `judge` says of a suite's models (all of them, or those named).

    Asks it about whatever it has not judged before. Raises UnknownNameError for a suite, model or
    tag that is not there, BadInputError for an instrument that gives no verdicts and for fewer than
    two models with text answers in common.
    """
    opened = Store.open(store)
    look = _judging(judge)
    entry, selection, contests, votes = _contests(opened, suite, models, where)
    _judge(opened, look, contests.found, deadline_s)
    known = Known(opened)
    try:
        verdicts, reasons = _verdicts(known, look, contests.found)
    finally:
        known.close()
    return judgement(
        entry,
        selection,
        contests,
        verdicts,
        reasons,
        votes,
        judge=look.instrument.name,
        weights=look.resolution.revision,
    )


def _judging(name: str) -> Look:
    look = find_look(load_instrument(name))
    if "exchange" not in look.entry.reads or "verdict" not in look.entry.given_by(look.instrument):
        raise BadInputError(
            f"{name!a} gives no verdicts between answers. Name a judge, such as judge:org/model "
            "(a chat model) or judge:./folder."
        )
    return look


def _contests(
    store: Store, suite: str, models: Sequence[str] | None, where: Mapping[str, str] | None
) -> tuple[SuiteEntry, Selection, Contests, Votes]:
    connection = connect(store)
    try:
        entry = find_suite(connection, suite)
        selection = select(connection, entry.digest, where, models)
        contests = read_contests(connection, selection)
        votes = read_votes(connection, selection)
    finally:
        connection.close()
    if len(selection.variants) < 2 or not contests.found:
        known = ", ".join(variant.model for variant in selection.variants) or "none"
        raise BadInputError(
            f"A judge holds the text answers of two models to one prompt and seed against each "
            f"other; in {entry.suite} none were found of: {known}. Run the suite with two models."
        )
    return entry, selection, contests, votes


def _keys(look: Look, contest: Contest) -> tuple[str, ...]:
    """The keys of the two verdicts: with the answer looked at standing first, and second."""
    answer, (first, second) = contest.asked()
    subject = text_subject(answer)
    return look.key(exchange_subject(subject, first)), look.key(exchange_subject(subject, second))


def _judge(store: Store, look: Look, contests: Sequence[Contest], deadline_s: float) -> None:
    want = Wanted(look)
    for contest in contests:
        if not contest.identical:
            answer, asked = contest.asked()
            pairs = zip(_keys(look, contest), asked, strict=True)
            want.exchanges.update((key, (answer, one)) for key, one in pairs)
    known = Known(store)
    drop_known(want, known)
    known.close()
    if not len(want):
        return
    arguments: dict[str, Json] = {"judge": look.instrument.name}
    with display() as shown, Session(store, shown, "judge", arguments, deadline_s) as session:
        session.record_start()
        look_at(session, [want])
        session.publisher.now()
        if session.problems:
            raise BadInputError("\n".join(session.problems.values()))


def _verdicts(
    known: Known, look: Look, contests: Sequence[Contest]
) -> tuple[NDArray[np.float64], list[str]]:
    """(n, 2) for the first variant's answer, standing first and second; and why one is missing."""
    keys = [() if one.identical else _keys(look, one) for one in contests]
    features = fetch(known, (key for both in keys for key in both), "verdict")
    verdicts, reasons, there = np.full((len(contests), 2), np.nan), [], []
    for row, both in enumerate(keys):
        problem = next((p for key in both if (p := features.problem(key)) is not None), None)
        reasons.append("" if problem is None else problem or NOT_JUDGED)
        if both and problem is None:
            there.append(row)
    if there:
        flat = [key for row in there for key in keys[row]]
        found = features.seen(range(len(flat)), flat).each_scalar().reshape(-1, 2)
        swapped = np.array([contests[row].swapped for row in there])
        # of the other answer, standing in the other place
        verdicts[there] = np.where(swapped[:, None], 1.0 - found[:, ::-1], found)
    return verdicts, reasons
