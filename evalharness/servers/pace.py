"""How many calls are under way at once: fewer when the server says so, slowly more again."""

from __future__ import annotations

import threading
import time


class Pace:
    """Lets calls in, at most `most` at a time.

    Additive increase, multiplicative decrease, as in TCP: a 429 halves the limit, once for all
    calls that were under way together, and a limit's worth of answers raises it by one.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(most)
        self._busy = 0
        self._halvings = 0
        self._opens_at = 0.0
        self._closed = threading.Event()
        self._changed = threading.Condition()

    @property
    def limit(self) -> int:
        """Calls that may be under way now, at least 1."""
        return max(1, int(self._limit))

    def enter(self) -> int | None:
        """Wait for a place; a token for `leave`, or None when no more calls are to be made."""
        with self._changed:
            while not self._closed.is_set():
                shut_s = self._opens_at - time.monotonic()
                if shut_s <= 0 and self._busy < self.limit:
                    self._busy += 1
                    return self._halvings
                self._changed.wait(shut_s if shut_s > 0 else None)
            return None

    def leave(self, token: int, *, throttled: bool = False, wait_s: float = 0.0) -> None:
        """Give the place back; `throttled` after a 429, which keeps all out for `wait_s`."""
        with self._changed:
            self._busy -= 1
            if throttled:
                if token == self._halvings:
                    self._halvings += 1
                    self._limit = max(1.0, self._limit / 2)
                self._opens_at = max(self._opens_at, time.monotonic() + wait_s)
            else:
                self._limit = min(float(self._most), self._limit + 1 / self._limit)
            self._changed.notify(2)  # its own place, and one that the limit may have gained

    def pause(self, seconds: float) -> bool:
        """Wait; false when it was closed meanwhile."""
        return not self._closed.wait(seconds)

    def close(self) -> None:
        """Let nobody in any more, and end all waiting."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
