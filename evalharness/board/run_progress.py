"""How far a run has come, by what it planned and what it has put on record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Progress:
    """One model in one suite of a run: `planned` outputs were missing when it began.

    `statuses` counts what the run has made of them, by how each stands; `began_at` and `heard_at`
    are when the first and the latest of these were put on record (UTC), None before.
    """

    suite: str
    model: str
    planned: int
    statuses: Mapping[str, int]
    began_at: datetime | None
    heard_at: datetime | None

    @property
    def made(self) -> int:
        """How many have been tried."""
        return sum(self.statuses.values())

    @property
    def per_second(self) -> float | None:
        """Outputs a second since the first; None before there are two moments to tell."""
        if self.began_at is None or self.heard_at is None or self.made < 2:
            return None
        seconds = (self.heard_at - self.began_at).total_seconds()
        return (self.made - 1) / seconds if seconds > 0 else None

    @property
    def left_s(self) -> float | None:
        """Seconds until all are made, at the rate so far."""
        rate = self.per_second
        return None if rate is None else max(0, self.planned - self.made) / rate


def progress(connection: duckdb.DuckDBPyConnection, run: str) -> tuple[Progress, ...]:
    """What a run set out to make, model by model; those that had nothing left are not there.

    Raises UnknownNameError for a run that is not on record.
    """
    row = connection.execute("SELECT resolved FROM runs WHERE run = $run", {"run": run}).fetchone()
    if row is None:
        known = connection.execute("SELECT run FROM runs").fetchall()
        raise unknown_name("run in this store", run, [name for (name,) in known])
    made: dict[tuple[str, str], dict[str, int]] = {}
    moments: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for suite, variant, status, count, first, last in connection.execute(
        """
        SELECT suite, variant, status, count(*), min(made_at), max(made_at) FROM (
            SELECT s.suite, m.variant, m.job_key,
                   arg_max(a.status, a.attempt) AS status, max(a.made_at) AS made_at
            FROM attempts a
            JOIN members m ON m.job_key = a.job_key
            JOIN suites s ON s.digest = m.suite
            WHERE a.run = $run GROUP BY ALL
        ) GROUP BY ALL ORDER BY ALL
        """,
        {"run": run},
    ).fetchall():
        place = suite, variant
        made.setdefault(place, {})[status] = count
        before = moments.get(place, (first, last))
        moments[place] = min(first, before[0]), max(last, before[1])
    found = []
    for suite, models in json.loads(row[0]).items():
        for model, plan in models.items():
            if plan["missing"]:
                place = suite, plan["variant"]
                began_at, heard_at = moments.get(place, (None, None))
                found.append(
                    Progress(suite, model, plan["missing"], made.get(place, {}), began_at, heard_at)
                )
    return tuple(found)
