"""Runs: what each was, what it made, under which circumstances, and what went wrong in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from evalharness.board.specified import leaves
from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb

RUNNING = "running"
"""The status of a run that has not said that it ended."""

Circumstance: TypeAlias = Literal["arguments", "versions", "machine", "git"]
CIRCUMSTANCES: tuple[Circumstance, ...] = ("arguments", "versions", "machine", "git")


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run; times are UTC. `status` is running, finished or interrupted, as it said itself.

    `outputs` counts what it made by how its last attempt stands, `scores` what it scored;
    `heard_at` is when it last put anything on record, `host` the machine it ran on, where told.
    """

    run: str
    command: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    heard_at: datetime
    outputs: Mapping[str, int]
    scores: int
    host: str | None = None


_LATEST = """
    SELECT job_key, take, run, arg_max(status, attempt) AS status,
           arg_max(reason, attempt) AS reason, max(made_at) AS made_at
    FROM attempts GROUP BY job_key, take, run
"""
"""What became of every output that a run tried: its last attempt there."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something recorded of a run, and the same of another one; "–" where nothing is."""

    what: Circumstance
    name: str
    value: str
    other: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Outputs of a run that are not ok for one reason, with one of them to look at."""

    status: str
    reason: str
    count: int
    models: tuple[str, ...]
    job_key: str
    take: int
    model: str
    prompt_id: str
    suite: str


def runs(connection: duckdb.DuckDBPyConnection) -> tuple[RunEntry, ...]:
    """Every run on record but sittings of voters, the newest first."""
    outputs: dict[str, dict[str, int]] = {}
    heard: dict[str, datetime] = {}
    for run, status, count, last in connection.execute(
        f"SELECT run, status, count(*), max(made_at) FROM ({_LATEST}) GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        outputs.setdefault(run, {})[status] = count
        heard[run] = max(last, heard.get(run, last))
    scores = dict(
        connection.execute(
            """
            SELECT run, count(*) FROM (SELECT run FROM scores UNION ALL SELECT run FROM set_scores)
            GROUP BY run
            """
        ).fetchall()
    )
    rows = connection.execute(
        "SELECT run, command, status, started_at, ended_at, made_at, "
        "json_extract_string(machine, '$.host') FROM runs ORDER BY started_at DESC, run DESC"
    ).fetchall()
    return tuple(
        RunEntry(
            run,
            command,
            status,
            started_at,
            ended_at,
            max(made_at, heard.get(run, made_at)),
            outputs.get(run, {}),
            scores.get(run, 0),
            host,
        )
        for run, command, status, started_at, ended_at, made_at, host in rows
    )


def circumstances(
    connection: duckdb.DuckDBPyConnection, run: str, against: str | None = None
) -> tuple[Fact, ...]:
    """Arguments, versions, machine and git state of a run beside those of another one.

    Raises UnknownNameError for a run that is not there.
    """
    first = _recorded(connection, run)
    second = {} if against is None else _recorded(connection, against)
    names = dict.fromkeys([*first, *second])
    return tuple(
        Fact(what, name, first.get((what, name), "–"), second.get((what, name), "–"))
        for what, name in sorted(names, key=lambda key: CIRCUMSTANCES.index(key[0]))
    )


def _recorded(
    connection: duckdb.DuckDBPyConnection, run: str
) -> dict[tuple[Circumstance, str], str]:
    row = connection.execute(
        f"SELECT {', '.join(CIRCUMSTANCES)} FROM runs WHERE run = $run", {"run": run}
    ).fetchone()
    if row is None:
        known = connection.execute("SELECT run FROM runs").fetchall()
        raise unknown_name("run in this store", run, [name for (name,) in known])
    return dict(_leaves(row))


def _leaves(row: tuple[str, ...]) -> Iterator[tuple[tuple[Circumstance, str], str]]:
    for what, told in zip(CIRCUMSTANCES, row, strict=True):
        for name, value in leaves(json.loads(told)):
            if value not in ("[]", "{}", ""):
                yield (what, name), value


def troubles(connection: duckdb.DuckDBPyConnection, run: str) -> tuple[Trouble, ...]:
    """What a run could not answer, grouped by status and reason, the commonest first."""
    rows = connection.execute(
        f"""
        SELECT a.status, a.reason, count(DISTINCT (a.job_key, a.take)),
               list(DISTINCT m.model ORDER BY m.model),
               arg_min((a.job_key, a.take, m.model, m.prompt_id, s.suite), a.made_at)
        FROM ({_LATEST}) a
        JOIN members m ON m.job_key = a.job_key
        JOIN suites s ON s.digest = m.suite
        WHERE a.run = $run AND a.status <> 'ok'
        GROUP BY a.status, a.reason ORDER BY 3 DESC, 1, 2
        """,
        {"run": run},
    ).fetchall()
    return tuple(
        Trouble(status, reason, count, tuple(models), *one)
        for status, reason, count, models, one in rows
    )
