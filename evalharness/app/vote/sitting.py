"""One voter's sitting: the pairs dealt to a browser session and what it said of them.

The browser shows the next pair at once and sends what it has not heard counted yet, in order and
numbered, so that nothing is lost or doubled when a message is: a vote has its pair's key.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from evalharness.app.vote.reading import Hall
from evalharness.board.vote_pairs import Pair, Shown, deal
from evalharness.core.errors import StoreError
from evalharness.core.nouns import Json
from evalharness.deciding.voting import (
    WITHDRAWN,
    BallotBox,
    Choice,
    replacing,
    vote_on,
    withdrawn,
)
from evalharness.ledger.rows import VoteRow
from evalharness.runner import clock

AHEAD = 6
"""Pairs the browser holds: the one that is shown, and those whose pictures load meanwhile."""

KEPT = 5
"""How many votes of a sitting can be taken back, the last one first."""

SKIP = "skip"

_CHOICES: dict[str, Choice] = {choice: choice for choice in get_args(Choice)}


@dataclass(frozen=True, slots=True)
class Place:
    """What a sitting is about: a suite (by digest), a slice of it, and the models named."""

    suite: str
    where: tuple[tuple[str, str], ...]
    models: tuple[str, ...]


@dataclass(slots=True)
class Sitting:
    """What a session was dealt at one place. `queue` and `done` hold keys of `pairs`."""

    place: Place
    voter: str
    run: str
    pairs: dict[str, Pair] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    cast: dict[str, VoteRow] = field(default_factory=dict)
    handled: int = 0
    rounds: int = 0
    problem: str = ""
    rng: np.random.Generator = field(default_factory=np.random.default_rng)

    @property
    def shown(self) -> set[Shown]:
        """Every pair that was dealt."""
        return {pair.shown for pair in self.pairs.values()}

    @property
    def counted(self) -> int:
        """The votes on record, without those taken back."""
        return sum(row.choice != WITHDRAWN for row in self.cast.values())

    def fill(self, hall: Hall) -> None:
        """Deal until the browser holds enough pairs, or there are no more."""
        while len(self.queue) < AHEAD:
            pair = deal(hall.answers, hall.votes, hall.strengths, self.voter, self.shown, self.rng)
            if pair is None:
                return
            key = secrets.token_hex(16)
            self.pairs[key] = pair
            self.queue.append(key)

    def hear(self, said: Iterable[Mapping[str, Json]], box: BallotBox) -> None:
        """Take what the browser said and has not heard counted; `problem` says why it stopped."""
        self.rounds += 1
        self.problem = ""
        for event in said:
            number, key, choice = (event.get(name) for name in ("number", "pair", "choice"))
            if not isinstance(number, int) or number <= self.handled:
                continue
            try:
                self._take(str(key), str(choice), box)
            except StoreError as error:
                self.problem = str(error)
                return
            self.handled = number

    def _take(self, key: str, choice: str, box: BallotBox) -> None:
        """One thing said of one pair; what makes no sense is no vote."""
        if choice == WITHDRAWN and key in self.done:
            row = self.cast.get(key)
            if row is not None:
                self._write(key, withdrawn(row), box)
            self.done.remove(key)
            self.queue.insert(0, key)
        elif key in self.queue and choice in (*_CHOICES, SKIP):
            if choice != SKIP:
                self._write(key, self._row(key, _CHOICES[choice]), box)
            self.queue.remove(key)
            self.done = [*self.done, key][-KEPT:]

    def _row(self, key: str, choice: Choice) -> VoteRow:
        pair, suite = self.pairs[key], self.place.suite
        row = vote_on(pair, choice, suite=suite, voter=self.voter, run=self.run, vote=key)
        return replacing(row, self.cast.get(key))

    def _write(self, key: str, row: VoteRow, box: BallotBox) -> None:
        box.cast(row)
        self.cast[key] = row


def begin(place: Place, voter: str) -> Sitting:
    """A new sitting; its run is named after now and nothing else."""
    run = f"votes-{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    return Sitting(place=place, voter=voter, run=run)
