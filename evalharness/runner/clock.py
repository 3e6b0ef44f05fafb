"""One way to tell the time of a row."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """UTC, naive, as every row's `made_at` is written."""
    return datetime.now(UTC).replace(tzinfo=None)
