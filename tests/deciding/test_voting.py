from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evalharness.core.errors import StoreBusyError, StoreError
from evalharness.deciding.voting import WITHDRAWN, BallotBox, withdrawn
from evalharness.ledger import parts
from evalharness.ledger.ingest import Ingester, is_current
from evalharness.ledger.journal import Journal
from evalharness.ledger.published import connect, current_number
from evalharness.ledger.rebuild import rebuild
from evalharness.ledger.rows import VoteRow
from evalharness.ledger.store import Store

VOTE = VoteRow(
    run="vote-1", made_at=datetime(2026, 5, 1), vote="v", suite="s", prompt_id="p", seed=0,
    left_model="a", left_variant="va", left_job="ja", left_take=1,
    right_model="b", right_variant="vb", right_job="jb", right_take=1,
    choice="left", voter="somebody",
)  # fmt: skip

VOTE_OFTEN = """
import sys, threading
from dataclasses import replace
from evalharness.deciding.voting import BallotBox
from evalharness.ledger.store import Store
from tests.deciding.test_voting import VOTE
box, name, votes = BallotBox(Store.open(sys.argv[1]), soon_s=0.01), sys.argv[2], int(sys.argv[3])
def session(number):
    for n in range(votes):
        key = f"{name}-{number}-{n}"
        box.cast(replace(VOTE, run=f"vote-{name}-{number}", vote=key))
        box.cast(replace(VOTE, run=f"vote-{name}-{number}", vote=key))
threads = [threading.Thread(target=session, args=(number,)) for number in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
box.close()
"""

VOTE_ON_FULL_DISK = """
import resource, sys
from evalharness.core.errors import StoreError
from evalharness.deciding.voting import BallotBox
from evalharness.ledger.store import Store
from tests.deciding.test_voting import VOTE
box = BallotBox(Store.open(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    box.cast(VOTE)
except StoreError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
box.cast(VOTE)
box.close()
"""

HOLD_BRIEFLY = """
import sys, time
from evalharness.ledger.store import Store
with Store.open(sys.argv[1]).publishing():
    print("held", flush=True)
    time.sleep(1.0)
"""

HOLD = """
import sys, time
from evalharness.ledger.store import Store
with Store.open(sys.argv[1]).writing():
    print("held", flush=True)
    time.sleep(60)
"""


def choices(store: Store) -> list[tuple[str, str]]:
    with connect(store) as connection:
        return connection.execute("SELECT vote, choice FROM votes ORDER BY vote").fetchall()


@contextmanager
def running(store: Store, python: Any) -> Iterator[None]:
    """Another process has the store, as a run does."""
    holder = python(HOLD, str(store.root))
    try:
        assert holder.stdout.readline() == "held\n"
        yield
    finally:
        holder.kill()
        holder.communicate()


def test_a_vote_is_on_record_at_once_and_published_by_itself(store: Store) -> None:
    box = BallotBox(store, soon_s=0.01)
    box.cast(VOTE)
    assert len(parts.names(store)) == 1
    deadline = time.monotonic() + 60
    while not is_current(store) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert choices(store) == [("v", "left")]
    assert box.problem == ""


def test_a_vote_that_was_taken_back_stays_so_whatever_the_order_of_parts(store: Store) -> None:
    later = withdrawn(VOTE)
    assert later.made_at > VOTE.made_at
    Journal(store, "vote-0").write([replace(later, run="vote-0")])
    Journal(store, VOTE.run).write([VOTE])
    BallotBox(store).publish()
    assert choices(store) == [("v", WITHDRAWN)]
    rebuild(store)
    assert choices(store) == [("v", WITHDRAWN)]


def test_taking_back_wins_even_when_the_clock_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalharness.runner.clock.now", lambda: VOTE.made_at - timedelta(days=1))
    assert withdrawn(VOTE).made_at > VOTE.made_at


def test_a_rebuilt_ledger_has_the_same_votes(store: Store) -> None:
    box = BallotBox(store)
    for n in range(3):
        box.cast(replace(VOTE, vote=f"v{n}"))
    box.close()
    before = choices(store)
    rebuild(store)
    assert choices(store) == before == [(f"v{n}", "left") for n in range(3)]


def test_while_a_run_has_the_store_it_publishes_the_votes(store: Store, python: Any) -> None:
    box = BallotBox(store)
    with running(store, python):
        box.cast(VOTE)
        with pytest.raises(StoreBusyError, match="another run"):
            box.publish()
        assert current_number(store) == 0
        with Ingester(store) as ingester:  # as the run's own publisher does
            ingester.ingest()
            ingester.publish()
        box.publish()
        assert choices(store) == [("v", "left")]


def test_a_run_that_starts_while_votes_are_published_waits(store: Store, python: Any) -> None:
    holder = python(HOLD_BRIEFLY, str(store.root))
    assert holder.stdout.readline() == "held\n"
    with store.writing():
        assert holder.wait(30) == 0
    holder.communicate()


def test_many_voters_beside_a_run_lose_and_double_nothing(store: Store, python: Any) -> None:
    processes, sessions, votes = 3, 3, 12
    voters = [python(VOTE_OFTEN, str(store.root), str(n), str(votes)) for n in range(processes)]
    with store.writing():  # a run that goes on for a while
        while any(voter.poll() is None for voter in voters):
            with Ingester(store, reading_through=False) as ingester:
                ingester.ingest()
                ingester.publish()
            time.sleep(0.05)
    for voter in voters:
        said = voter.communicate()
        assert voter.returncode == 0, said
    BallotBox(store).publish()
    expected = {
        f"{p}-{s}-{v}" for p in range(processes) for s in range(sessions) for v in range(votes)
    }
    found = [vote for vote, _ in choices(store)]
    assert len(found) == len(expected)
    assert set(found) == expected


VOTE_AND_END = """
import sys, time
from evalharness.deciding.voting import BallotBox
from evalharness.ledger.store import Store
from tests.deciding.test_voting import VOTE
BallotBox(Store.open(sys.argv[1]), soon_s=float(sys.argv[2])).cast(VOTE)
time.sleep(float(sys.argv[3]))
"""


@pytest.mark.parametrize(("soon_s", "ends_after_s"), [("600", "0"), ("0", "0"), ("0", "0.05")])
def test_a_process_that_ends_publishes_what_waits(
    store: Store, python: Any, soon_s: str, ends_after_s: str
) -> None:
    voter = python(VOTE_AND_END, str(store.root), soon_s, ends_after_s)
    said = voter.communicate(timeout=60)
    assert (voter.returncode, *said) == (0, "", "")
    assert choices(store) == [("v", "left")]


def test_sessions_of_one_process_share_a_box(store: Store) -> None:
    box = BallotBox(store)

    def session(name: int) -> None:
        for n in range(10):
            box.cast(replace(VOTE, run=f"vote-{name}", vote=f"{name}-{n}"))

    threads = [threading.Thread(target=session, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    box.close()
    assert len(choices(store)) == 80


def test_a_store_that_cannot_be_written_takes_no_vote(
    read_only: tuple[Path, Callable[[], None]],
) -> None:
    folder, forbid = read_only
    store = Store.create(folder / "store")
    forbid()
    with pytest.raises(StoreError, match="Permission denied"):
        BallotBox(store).cast(VOTE)
    assert parts.names(store) == []


def test_a_full_disk_takes_no_vote_and_the_next_try_does(store: Store, python: Any) -> None:
    voter = python(VOTE_ON_FULL_DISK, str(store.root))
    said, errors = voter.communicate(timeout=60)
    assert "Disk full" in said, errors
    assert len(parts.names(store)) == 1
    assert choices(store) == [("v", "left")]
