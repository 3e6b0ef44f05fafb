from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalharness.app.source import Edition
from evalharness.app.vote.booth import payload
from evalharness.app.vote.reading import Hall, hall_of
from evalharness.app.vote.sitting import AHEAD, KEPT, Place, Sitting, begin
from evalharness.board.suites import find_suite
from evalharness.deciding.voting import BallotBox
from evalharness.ledger.published import connect, current_number
from tests.app.conftest import Painted
from tests.app.vote.conftest import MODELS, PROMPTS, duel
from tests.ledger.conftest import read_only

__all__ = ["read_only"]


class Sat:
    """A sitting over a store with its hall and box, as the page holds them."""

    def __init__(self, painted: Painted, models: tuple[str, ...] = ()) -> None:
        self.store = painted.store
        self.edition: Edition = (str(self.store.root), current_number(self.store), 0)
        with connect(self.store) as connection:
            digest = find_suite(connection, "duel").digest
        self.hall: Hall = hall_of(self.edition, digest, (), models)
        self.sitting: Sitting = begin(Place(digest, (), models), "voter")
        self.box = BallotBox(self.store, soon_s=600)
        self.sitting.fill(self.hall)

    def hear(self, *said: tuple[int, str, str]) -> None:
        events = [{"number": n, "pair": pair, "choice": choice} for n, pair, choice in said]
        self.sitting.hear(events, self.box)
        self.sitting.fill(self.hall)

    def votes(self) -> list[tuple[str, str]]:
        self.box.publish()
        with connect(self.store) as connection:
            return connection.execute("SELECT vote, choice FROM votes ORDER BY vote").fetchall()


@pytest.fixture
def sat(own_duel: Painted) -> Sat:
    return Sat(own_duel)


def test_a_vote_is_written_and_another_pair_is_dealt(sat: Sat) -> None:
    first, *others = sat.sitting.queue
    sat.hear((1, first, "left"))
    assert sat.votes() == [(first, "left")]
    assert (sat.sitting.counted, sat.sitting.handled) == (1, 1)
    assert sat.sitting.queue[:-1] == others and len(sat.sitting.queue) == AHEAD


def test_what_arrives_twice_counts_once(sat: Sat) -> None:
    first, second, *_ = sat.sitting.queue
    sat.hear((1, first, "left"))
    sat.hear((1, first, "left"), (2, second, "tie"))
    sat.hear((1, first, "right"), (2, second, "tie"))
    assert dict(sat.votes()) == {first: "left", second: "tie"}


def test_an_undo_takes_back_the_vote_and_the_pair_comes_again(sat: Sat) -> None:
    first, second, *_ = sat.sitting.queue
    sat.hear((1, first, "left"), (2, first, "withdrawn"))
    assert sat.sitting.queue[:2] == [first, second]
    assert (sat.votes(), sat.sitting.counted) == ([(first, "withdrawn")], 0)
    sat.hear((3, first, "both_bad"))
    assert (sat.votes(), sat.sitting.counted) == ([(first, "both_bad")], 1)


def test_a_vote_again_wins_even_when_the_clock_stands_still(
    sat: Sat, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sat.sitting.queue[0]
    sat.hear((1, first, "left"))
    stopped = sat.sitting.cast[first].made_at
    monkeypatch.setattr("evalharness.runner.clock.now", lambda: stopped)
    sat.hear((2, first, "withdrawn"), (3, first, "right"))
    assert sat.votes() == [(first, "right")]


def test_a_skip_is_no_vote_and_can_be_undone(sat: Sat) -> None:
    first = sat.sitting.queue[0]
    sat.hear((1, first, "skip"))
    assert first not in sat.sitting.queue and sat.sitting.counted == 0
    sat.hear((2, first, "withdrawn"))
    assert sat.sitting.queue[0] == first
    assert list((sat.store.journal).glob("votes-*")) == []


@pytest.mark.parametrize(
    "event",
    [
        {"number": 1, "pair": "unknown", "choice": "left"},
        {"number": 1, "pair": "unknown", "choice": "withdrawn"},
        {"number": "1", "pair": "x", "choice": "left"},
        {"number": 1, "pair": None, "choice": "middle"},
        {},
    ],
)
def test_what_makes_no_sense_is_no_vote(sat: Sat, event: dict[str, Any]) -> None:
    queue = list(sat.sitting.queue)
    sat.sitting.hear([event], sat.box)
    assert (sat.sitting.queue, sat.sitting.cast) == (queue, {})


def test_only_the_last_votes_can_be_taken_back(sat: Sat) -> None:
    keys = []
    for number in range(1, KEPT + 3):
        keys.append(sat.sitting.queue[0])
        sat.hear((number, keys[-1], "tie"))
    assert sat.sitting.done == keys[-KEPT:]
    sat.hear((99, keys[0], "withdrawn"))
    assert dict(sat.votes())[keys[0]] == "tie"


def test_a_store_that_cannot_be_written_is_told_and_the_vote_counts_when_it_can(
    read_only: tuple[Path, Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, forbid = read_only
    sat = Sat(duel(folder / "results"))
    first, second, *_ = sat.sitting.queue
    forbid()
    sat.hear((1, first, "left"), (2, second, "right"))
    assert "Permission denied" in sat.sitting.problem
    assert (sat.sitting.handled, sat.sitting.counted) == (0, 0)
    assert sat.sitting.queue[0] == first


def test_after_trouble_the_browser_says_it_again(sat: Sat, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, *_ = sat.sitting.queue
    away = sat.store.journal.with_name("away")
    sat.store.journal.rename(away)
    sat.store.journal.write_text("not a folder")
    sat.hear((1, first, "left"), (2, second, "right"))
    assert sat.sitting.problem and sat.sitting.counted == 0
    sat.store.journal.unlink()
    away.rename(sat.store.journal)
    sat.hear((1, first, "left"), (2, second, "right"))
    assert (sat.sitting.problem, sat.sitting.counted) == ("", 2)
    assert dict(sat.votes()) == {first: "left", second: "right"}


def test_nothing_the_browser_gets_says_whose_answers_they_are(sat: Sat) -> None:
    sat.hear((1, sat.sitting.queue[0], "left"))
    with connect(sat.store) as connection:
        entry = find_suite(connection, "duel")
        hidden = {
            name
            for table, column in (("models", "variant"), ("jobs", "job_key"), ("runs", "run"))
            for (name,) in connection.execute(f"SELECT {column} FROM {table}").fetchall()
        }
    from evalharness.app.view import View

    view = View(sat.edition, entry, "duel", ())
    sent = json.dumps(payload(sat.sitting, sat.hall, view, revealing=False))
    for name in (*MODELS, *MODELS.values(), *hidden):
        assert name not in sent
    told = payload(sat.sitting, sat.hall, view, revealing=True)["last"]
    assert sum(title in str(told) for title in MODELS.values()) == 2
    assert "You said: left is better." in str(told)


def test_a_sitting_ends_after_every_pair(sat: Sat) -> None:
    number = 0
    while sat.sitting.queue:
        number += 1
        sat.hear((number, sat.sitting.queue[0], "tie"))
    assert number == sat.hall.pairs == 3 * PROMPTS


def test_a_pool_of_models_is_kept_to(own_duel: Painted) -> None:
    sat = Sat(own_duel, ("mona", "pina"))
    assert sat.hall.pairs == PROMPTS
    shown = {
        side.variant.model
        for pair in sat.sitting.pairs.values()
        for side in (pair.left, pair.right)
    }
    assert shown == {"mona", "pina"}
