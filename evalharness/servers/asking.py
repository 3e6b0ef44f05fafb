"""One question from its first call to its verdict: what is tried again, and what it comes to."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from evalharness.core.errors import BadInputError
from evalharness.core.outcomes import Status
from evalharness.servers.calls import Caller, NoReplyError, Reply
from evalharness.servers.faults import Again, read_fault
from evalharness.servers.pace import Pace
from evalharness.servers.patience import Patience, retry_after_s
from evalharness.servers.reach import Reach
from evalharness.servers.replies import Hide, Verdict, decode, failed, parse
from evalharness.servers.secret import Secret

Read: TypeAlias = Callable[[Any, tuple[str, ...], Hide], Verdict]

GONE_AFTER = 3
"""After so many questions in a row that no server was there for, all tries spent, the model is
given up: the others would only wait as long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question ended, and how long its last call took (seconds)."""

    verdict: Verdict
    duration_s: float


@dataclass(slots=True)
class _Tries:
    """What one question has been through."""

    began: float = field(default_factory=time.monotonic)
    faults: int = 0
    timeouts: int = 0
    found: Counter[str] = field(default_factory=Counter)

    def elapsed_s(self) -> float:
        return time.monotonic() - self.began

    def add(self, again: Again) -> None:
        self.faults += not again.throttled
        self.timeouts += again.verdict.status is Status.TIMEOUT
        self.found[again.verdict.reason.partition(":")[0]] += 1

    def told(self) -> str:
        """`2 × HTTP 429, 1 × HTTP 503`: what came before the last call."""
        return ", ".join(f"{count} × {what}" for what, count in self.found.items())


class Asking:
    """Asks one server; safe from several threads at once."""

    def __init__(
        self, caller: Caller, reach: Reach, secret: Secret, patience: Patience, pace: Pace
    ) -> None:
        self._caller = caller
        self._reach = reach
        self._secret = secret
        self._patience = patience
        self._pace = pace
        self._out_of_reach = 0
        self._counting = threading.Lock()

    def ask(self, path: str, body: bytes, read: Read) -> Asked | None:
        """Ask until there is a verdict; None when all asking ended before there was one.

        `read` makes a verdict of the JSON of a reply that succeeded. Raises BadInputError for
        what no other job of this model will overcome.
        """
        tries = _Tries()
        while (token := self._pace.enter()) is not None:
            started = time.monotonic()
            outcome, asked_s = self._call(token, path, body, read, tries)
            duration_s = time.monotonic() - started
            if isinstance(outcome, Verdict):
                return Asked(_with_tries(outcome, tries), duration_s)
            tries.add(outcome)
            wait_s = self._patience.wait_s(sum(tries.found.values()), asked_s)
            if not self._may_go_on(outcome, tries, wait_s):
                return Asked(self._given_up(outcome, tries), duration_s)
            if not self._pace.pause(wait_s):
                return None
        return None

    def _call(
        self, token: int, path: str, body: bytes, read: Read, tries: _Tries
    ) -> tuple[Verdict | Again, float | None]:
        """One call in its turn, and for how long the server asked to be left alone."""
        throttled, asked_s = False, None
        try:
            left_s = max(1.0, self._patience.total_s - tries.elapsed_s())
            timeout_s = min(self._reach.timeout_s, left_s)
            try:
                reply = self._caller.post(path, body, timeout_s)
            except NoReplyError as error:
                verdict = Verdict(error.status, reason=error.reason)
                return Again(verdict, reached=error.reached), None
            self._count_reach(reached=True)
            outcome = self._read(reply, read)
            if isinstance(outcome, Again):
                throttled = outcome.throttled
                asked_s = retry_after_s(reply.retry_after, datetime.now(UTC))
            return outcome, asked_s
        finally:
            shut_s = min(asked_s or 0.0, self._patience.total_s) if throttled else 0.0
            self._pace.leave(token, throttled=throttled, wait_s=shut_s)

    def _read(self, reply: Reply, read: Read) -> Verdict | Again:
        try:
            found, notes = parse(reply.body, self._secret.hide)
        except ValueError as error:
            if reply.status == 200:
                return failed(f"the reply is {error}")
            found, notes = reply.location or decode(reply.body)[0], ()
        status = reply.status
        if status == 200 and isinstance(found, dict) and found.get("error"):
            # some servers that stand before others tell of those's errors so
            code = found["error"].get("code") if isinstance(found["error"], dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 500
        if status == 200:
            return read(found, notes, self._secret.hide)
        return read_fault(status, found, self._reach, self._secret)

    def _may_go_on(self, again: Again, tries: _Tries, wait_s: float) -> bool:
        """Whether one more call is worth it; raises BadInputError for a limit that stays."""
        late = tries.elapsed_s() + wait_s >= self._patience.total_s
        if late and again.throttled:
            raise BadInputError(
                f"{self._reach.address.url} takes no more calls for now, and the next one would "
                f"be in {wait_s:.0f} s: {again.verdict.reason}. Answers that came are kept; run "
                "again later, or with fewer calls at once."
            )
        return not (
            late
            or tries.faults >= self._patience.tries
            or tries.timeouts >= self._patience.timeouts
        )

    def _given_up(self, again: Again, tries: _Tries) -> Verdict:
        self._count_reach(again.reached)
        told = f"{again.verdict.reason} (after {tries.told()})"
        return replace(again.verdict, reason=told)

    def _count_reach(self, reached: bool) -> None:
        with self._counting:
            self._out_of_reach = 0 if reached else self._out_of_reach + 1
            gone = self._out_of_reach >= GONE_AFTER
        if gone:
            raise BadInputError(
                f"No server answers at {self._reach.address.url} any more. Answers that came are "
                "kept; start it and run again."
            )


def _with_tries(verdict: Verdict, tries: _Tries) -> Verdict:
    if not tries.found:
        return verdict
    return replace(verdict, notes=(*verdict.notes, f"tried again after {tries.told()}"))
