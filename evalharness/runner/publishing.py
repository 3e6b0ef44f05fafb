"""When journal parts become visible: every few seconds while children work, and between stages."""

from __future__ import annotations

import time
from collections.abc import Callable

from evalharness.ledger.ingest import Ingester, is_current
from evalharness.ledger.store import Store

INTERVAL_S = 10.0
MAX_SHARE = 0.03
"""Publishing may cost this share of the time: dear stores are published less often."""


class Publisher:
    """Ingests and publishes a store; `tick` does it when it is time, `now` at once."""

    def __init__(self, store: Store, say: Callable[[str], None]) -> None:
        self._store = store
        self._say = say
        self._next = time.monotonic() + INTERVAL_S
        self._read_through = False

    def tick(self) -> None:
        """Publish if the last time was long enough ago."""
        if time.monotonic() >= self._next:
            self.now()

    def now(self) -> None:
        """Ingest every new part and publish what has changed; say what had to be mended.

        The ledger is left alone where nothing is new, and read through once in a run only.
        """
        started = time.monotonic()
        if not is_current(self._store):
            self._publish()
        cost = time.monotonic() - started
        self._next = time.monotonic() + max(INTERVAL_S, cost / MAX_SHARE)

    def _publish(self) -> None:
        with Ingester(self._store, reading_through=not self._read_through) as ingester:
            ingester.ingest()
            ingester.publish()
        self._read_through = True
        for notice in ingester.notices:
            self._say(notice)
