"""When journal parts become visible: every few seconds while children work, and between stages."""

from __future__ import annotations

import time
from collections.abc import Callable

from evalharness.ledger.ingest import Ingester
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

    def tick(self) -> None:
        """Publish if the last time was long enough ago."""
        if time.monotonic() >= self._next:
            self.now()

    def now(self) -> None:
        """Ingest every new part and publish what has changed; say what had to be mended."""
        started = time.monotonic()
        with Ingester(self._store) as ingester:
            ingester.ingest()
            ingester.publish()
        for notice in ingester.notices:
            self._say(notice)
        cost = time.monotonic() - started
        self._next = time.monotonic() + max(INTERVAL_S, cost / MAX_SHARE)
