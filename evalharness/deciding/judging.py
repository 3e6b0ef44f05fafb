"""Letting a judge hold models' answers against each other, both orders of every two.

Verdicts are features of the store like any other: whatever was judged once is read back. They are
kept apart from people's votes, and never counted among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalharness.board.compare.sides import Side, read_side, sides_of
from evalharness.board.judged.contested import Contested, contested
from evalharness.board.judged.contests import NOT_JUDGED, Contest, of_first
from evalharness.board.judged.judgement import Judgement, judgement
from evalharness.board.suites import find_suite
from evalharness.catalog.instruments import load_instrument
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json
from evalharness.ledger.features import fetch
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.extraction import look_at
from evalharness.runner.known import Known
from evalharness.runner.look import Look, find_look
from evalharness.runner.looking import Wanted
from evalharness.runner.progress import display
from evalharness.runner.session import DEADLINE_S, Session

Keys: TypeAlias = tuple[()] | tuple[str, str]
"""Of a contest's two verdicts; of identical answers there are none."""


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

    `models` may be takes and runs, named as for `compare`: MODEL@take1, MODEL@run:RUN. Asks the
    judge about whatever it has not judged before. Raises UnknownNameError for a suite, model, take,
    run or tag that is not there, BadInputError for an instrument that gives no verdicts and where
    no two sides have text answers in common.
    """
    opened = Store.open(store)
    look = _judging(judge)
    found = _contested(opened, suite, models, where or {})
    contests = found.contests.found
    keys = [_keys(look, one) for one in contests]
    _judge(opened, look, contests, keys, deadline_s)
    known = Known(opened)
    try:
        verdicts, reasons = _verdicts(known, contests, keys)
    finally:
        known.close()
    by = (look.instrument.name, look.resolution.revision, look.entry.version)
    return judgement(found, verdicts, reasons, judge=by)


def _judging(name: str) -> Look:
    look = find_look(load_instrument(name))
    if "exchange" not in look.entry.reads or "verdict" not in look.entry.given_by(look.instrument):
        raise BadInputError(
            f"{name!a} gives no verdicts between answers. Name a judge, such as judge:org/model "
            "(a chat model) or judge:./folder."
        )
    return look


def _contested(
    store: Store, suite: str, models: Sequence[str] | None, where: Mapping[str, str]
) -> Contested:
    connection = connect(store)
    try:
        entry = find_suite(connection, suite)
        named = entry.models if models is None else models
        sides = [read_side(one, entry.models) for one in named]
        found = contested(connection, entry, sides, where)
        takes = () if found.contests.found else sides_of(connection, entry)
    finally:
        connection.close()
    if not found.contests.found:
        raise BadInputError(_nothing(found, takes))
    return found


def _nothing(found: Contested, sides: Sequence[Side]) -> str:
    """What to do where there is nothing to judge; `sides` is all that the suite has."""
    named = ", ".join(found.labels) or "none"
    takes = [side.label for side in sides if side.take is not None][:2]
    again = f", or judge two takes of one: --models {','.join(takes)}" if takes else ""
    return (
        "A judge holds the text answers of two models, takes or runs to one prompt and seed "
        f"against each other; in {found.entry.suite} none were found of: {named}. Run the suite "
        f"with two models{again}."
    )


def _keys(look: Look, contest: Contest) -> Keys:
    """The keys of the two orders' verdicts."""
    if contest.identical:
        return ()
    first, second = contest.subjects()
    return look.key(first), look.key(second)


def _judge(
    store: Store,
    look: Look,
    contests: Sequence[Contest],
    keys: Sequence[Keys],
    deadline_s: float,
) -> None:
    """Have everything judged that was not judged before."""
    known = Known(store)
    seen = known.ok_features(key for both in keys for key in both)
    known.close()
    want = Wanted(look)
    for contest, both in zip(contests, keys, strict=True):
        if not seen.issuperset(both):
            answer, asked = contest.asked()
            pairs = zip(both, asked, strict=True)
            want.exchanges.update((key, (answer, one)) for key, one in pairs if key not in seen)
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
    known: Known, contests: Sequence[Contest], keys: Sequence[Keys]
) -> tuple[NDArray[np.float64], list[str]]:
    """(n, 2) for the first variant's answer, shown first and second; and why one is missing."""
    features = fetch(known.connection, (key for both in keys for key in both), "verdict")
    verdicts, reasons, there = np.full((len(contests), 2), np.nan), [], []
    for row, both in enumerate(keys):
        problem = next((p for key in both if (p := features.problem(key)) is not None), None)
        reasons.append("" if problem is None else problem or NOT_JUDGED)
        if both and problem is None:
            there.append(row)
    if there:
        flat = [key for row in there for key in keys[row]]
        found = features.seen(range(len(flat)), flat).each_scalar().reshape(-1, 2)
        verdicts[there] = of_first([contests[row] for row in there], found)
    return verdicts, reasons
