"""How long to wait before a call is made again, and when to stop."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits to trying again, in seconds where not said otherwise.

    A try that a server turned down as one too many (429) is no fault of the call: only the time
    counts there. `total_s` bounds everything together, calls and waits.
    """

    tries: int = 8
    timeouts: int = 2
    first_s: float = 0.5
    longest_s: float = 60.0
    total_s: float = 1500.0

    def wait_s(self, failures: int, asked_s: float | None) -> float:
        """Seconds before the next try after so many failures.

        What the server asked for (Retry-After), and never less; else twice as long each time, of
        which half is left to chance so that calls that failed together do not come back together.
        """
        if asked_s is not None:
            return asked_s + random.uniform(0, 0.1 * min(asked_s, 10))
        longest = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 30))
        return random.uniform(longest / 2, longest)


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, at least 0: a number or a date (RFC 9110).

    None where there is no header, or one that is neither. `now` is aware of its time zone.
    """
    if header is None:
        return None
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        day = parsedate_to_datetime(text)
        day = day if day.tzinfo else day.replace(tzinfo=UTC)
        return max(0.0, (day - now).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
