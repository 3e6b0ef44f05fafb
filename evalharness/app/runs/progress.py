"""A run's progress as the page draws it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from evalharness.app.pieces import Payload
from evalharness.board.figures import status_words, tone
from evalharness.board.run_progress import Progress
from evalharness.core.nouns import Json


def payload(stages: Sequence[Progress]) -> Payload:
    """What `pieces.progress_bars` draws: a bar for every model of every suite."""
    rows: list[Json] = [_row(one) for one in stages]
    planned, made = sum(one.planned for one in stages), sum(one.made for one in stages)
    return {"rows": rows, "whole": f"{made:,} of {planned:,} outputs"}


def _row(one: Progress) -> Json:
    counts = sorted(one.statuses.items(), key=lambda item: (item[0] != "ok", item[0]))
    parts: list[Json] = [
        {
            "label": f"{count:,} {status_words(status)}",
            "tone": tone(status),
            "share": 100 * count / max(one.planned, one.made),
        }
        for status, count in counts
    ]
    return {
        "suite": one.suite,
        "model": one.model,
        "text": f"{one.made:,} of {one.planned:,}",
        "pace": _pace(one),
        "parts": parts,
    }


def _pace(one: Progress) -> str:
    if one.made >= one.planned:
        return "done"
    if one.per_second is None or one.left_s is None:
        return "" if one.made else "waiting"
    rate = one.per_second
    told = f"{rate:.2g} a second" if rate >= 0.5 else f"{1 / rate:.2g} s each"
    return f"{told} · {timedelta(seconds=round(one.left_s))} left"
