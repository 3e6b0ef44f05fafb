"""Taking votes: each is on record before anybody is told that it counts, and published soon after.

One part a vote: 1,000 of them are written in seconds and merged in one transaction, and a crash
between two votes loses neither. A run that has the store merges them with its own next
publication; where nobody has it, this process does, in the background and not too often.
"""

from __future__ import annotations

import atexit
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Literal, TypeAlias

from evalharness.board.vote_pairs import Pair
from evalharness.core.errors import StoreBusyError, StoreError
from evalharness.ledger.ingest import is_current
from evalharness.ledger.journal import Journal
from evalharness.ledger.rows import VoteRow
from evalharness.ledger.store import Store
from evalharness.runner import clock
from evalharness.runner.publishing import INTERVAL_S, MAX_SHARE, Publisher

Choice: TypeAlias = Literal["left", "right", "tie", "both_bad"]
"""What a voter can say of two answers."""

WITHDRAWN = "withdrawn"
"""The choice of a vote that was taken back."""

SOON_S = 2.0
"""How long the first vote waits, so that those right after it are published with it."""

AFTER_TROUBLE_S = 30.0
"""When publishing is tried again where the store could not be written."""


def vote_on(pair: Pair, choice: Choice, *, suite: str, voter: str, run: str, vote: str) -> VoteRow:
    """The row of a vote: `suite` is a digest, `voter` opaque, `run` the voting session's own.

    `vote` is its key: a vote that arrives twice counts once.
    """
    return VoteRow(
        run=run,
        made_at=clock.now(),
        vote=vote,
        suite=suite,
        prompt_id=pair.prompt_id,
        seed=pair.seed,
        left_model=pair.left.variant.model,
        left_variant=pair.left.variant.variant,
        left_job=pair.left.job_key,
        left_take=pair.left.take,
        right_model=pair.right.variant.model,
        right_variant=pair.right.variant.variant,
        right_job=pair.right.job_key,
        right_take=pair.right.take,
        choice=choice,
        voter=voter,
    )


def withdrawn(vote: VoteRow) -> VoteRow:
    """The row that takes `vote` back."""
    return replacing(replace(vote, choice=WITHDRAWN, made_at=clock.now()), vote)


def replacing(row: VoteRow, before: VoteRow | None) -> VoteRow:
    """`row` made later than `before`, which has its key: of two rows the one made later wins."""
    if before is None or row.made_at > before.made_at:
        return row
    return replace(row, made_at=before.made_at + timedelta(microseconds=1))


class BallotBox:
    """Takes the votes of one process for one store; any number of threads may use it.

    `problem` says why votes on record could not be published yet, empty where nothing is wrong.
    """

    def __init__(self, store: Store, *, soon_s: float = SOON_S) -> None:
        self.problem = ""
        self._store = store
        self._soon_s = soon_s
        self._publisher = Publisher(store, self._note)
        self._lock = threading.Lock()
        self._due = False
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def cast(self, vote: VoteRow) -> None:
        """Put one vote on record; it is durable when this returns.

        Raises StoreError when the store cannot be written: then the vote does not count.
        """
        Journal(self._store, vote.run).write([vote])
        with self._lock:
            self._due = True
            if self._thread is None or not self._thread.is_alive():
                self._start()

    def _start(self) -> None:
        self._closing.clear()
        self._thread = threading.Thread(target=self._publish_until_done, name="votes", daemon=True)
        self._thread.start()
        # A thread that is inside of the database when the interpreter ends takes it down.
        atexit.unregister(self.close)
        atexit.register(self.close)

    def publish(self) -> None:
        """Publish what is on record, now.

        Raises StoreBusyError while a run has the store, which then publishes it itself, and
        StoreError where it cannot be written.
        """
        if is_current(self._store):
            return
        with self._store.publishing():
            self._publisher.now()

    def close(self) -> None:
        """Publish what is still waiting, if that can be done at once; it stays on record anyway."""
        self._closing.set()
        thread = self._thread
        if thread is not None:
            thread.join()
        if self._due:
            with suppress(StoreError):
                self.publish()

    def _publish_until_done(self) -> None:
        pause = self._soon_s
        while not self._closing.wait(pause):
            with self._lock:
                self._due = False  # whatever is cast from here on needs another round
            started = time.monotonic()
            failed = self._try_to_publish()
            pause = max(INTERVAL_S, (time.monotonic() - started) / MAX_SHARE)
            with self._lock:
                if failed is None and not self._due:
                    self._thread = None
                    return
                self._due = True
            pause = max(pause, failed or 0.0)

    def _try_to_publish(self) -> float | None:
        """None when all is published, else the seconds to wait before it is tried again."""
        try:
            self.publish()
        except StoreBusyError:
            return INTERVAL_S  # that run may have looked for new parts for the last time
        except StoreError as error:
            self.problem = str(error)
            return AFTER_TROUBLE_S
        self.problem = ""
        return None

    def _note(self, notice: str) -> None:
        """What the ingester mended (a damaged part, a ledger made again) is no voter's concern."""
