"""What a run could not answer, told where it was asked for."""

from __future__ import annotations

from pathlib import Path

from evalharness.board.runs import Trouble, troubles
from evalharness.core.outcomes import TERMINAL, Status
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.runner.reporting import say
from evalharness.runner.run import RunReport

MOST_REASONS = 5
MOST_LETTERS = 300
BROKEN = frozenset(Status) - TERMINAL | {Status.NONFINITE, Status.TOO_LONG}
"""Not one of these is a model's answer."""


def say_troubles(store: Path, report: RunReport) -> None:
    """One line on standard error for each reason, the commonest first."""
    if set(report.statuses) <= {Status.OK}:
        return
    connection = connect(Store.open(store))
    try:
        found = troubles(connection, report.run)
    finally:
        connection.close()
    for trouble in found[:MOST_REASONS]:
        say(_line(trouble))
    if len(found) > MOST_REASONS:
        more = len(found) - MOST_REASONS
        say(f"… and {more} more reasons, which the app's page of runs lists.")


def nothing_came(report: RunReport) -> bool:
    """Whether models were asked, and not one answered, well or with a refusal."""
    return report.generated > 0 and set(report.statuses) <= BROKEN


def _line(trouble: Trouble) -> str:
    reason = " ".join(trouble.reason.split()) or "no reason is known"
    if len(reason) > MOST_LETTERS:
        reason = reason[:MOST_LETTERS] + "…"
    models = ", ".join(trouble.models[:3])
    more = f" and {len(trouble.models) - 3} more" if len(trouble.models) > 3 else ""
    return (
        f"{trouble.count} {trouble.status} ({models}{more}), such as {trouble.prompt_id}: {reason}"
    )
