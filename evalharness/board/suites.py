"""Which suites, versions and tags a store holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from evalharness.core.errors import UnknownNameError, unknown_name

if TYPE_CHECKING:
    import duckdb

DIGEST_PREFIX = 8
"""Fewest hexadecimal digits by which a version of a suite can be asked for."""


@dataclass(frozen=True, slots=True)
class SuiteEntry:
    """One version of a suite. `newest` marks the one its name stands for; `metrics` are the
    suite's own, in its order; `models` and `prompts` what has been planned in it.
    """

    suite: str
    version: int
    title: str
    digest: str
    protocol: str
    modality: str
    reference: str | None
    made_at: datetime
    newest: bool
    prompts: int
    models: tuple[str, ...]
    metrics: tuple[str, ...]

    @property
    def called(self) -> str:
        """By what commands find this version: its name stands for the newest one."""
        return self.suite if self.newest else self.digest[:12]


def suites(connection: duckdb.DuckDBPyConnection) -> tuple[SuiteEntry, ...]:
    """Every version of every suite in the store: by name, the newest version first."""
    rows = connection.execute(
        """
        SELECT s.suite, s.version, s.title, s.digest, s.protocol, s.modality, s.reference,
               s.made_at,
               row_number() OVER (PARTITION BY s.suite ORDER BY s.made_at DESC, s.digest) = 1,
               (SELECT count(*) FROM prompts p WHERE p.suite = s.digest),
               (SELECT coalesce(list(DISTINCT m.model ORDER BY m.model), [])
                FROM members m WHERE m.suite = s.digest),
               s.specification
        FROM suites s ORDER BY s.suite, s.made_at DESC, s.digest
        """
    ).fetchall()
    return tuple(_entry(row) for row in rows)


def _entry(row: tuple[Any, ...]) -> SuiteEntry:
    fields: dict[str, Any] = dict(zip(SuiteEntry.__slots__, row, strict=True))
    fields["models"] = tuple(fields["models"])
    fields["metrics"] = tuple(json.loads(fields["metrics"]).get("metrics", ()))
    return SuiteEntry(**fields)


def find_suite(connection: duckdb.DuckDBPyConnection, suite: str) -> SuiteEntry:
    """The newest version of the suite with this name, or the version with this digest.

    A digest may be cut to 8 or more digits. Raises UnknownNameError.
    """
    entries = suites(connection)
    for entry in entries:
        if entry.newest and entry.suite == suite:
            return entry
    if len(suite) >= DIGEST_PREFIX:
        found = [entry for entry in entries if entry.digest.startswith(suite)]
        if len(found) == 1:
            return found[0]
    if not entries:
        raise UnknownNameError(
            f"There is no suite named {suite!r}: this store holds no suites yet. "
            f"Run one first, for example: evalharness run {suite}"
        )
    raise unknown_name("suite in this store", suite, {entry.suite for entry in entries})


def tags(connection: duckdb.DuckDBPyConnection, suite: str) -> dict[str, dict[str, int]]:
    """Tag → value → number of prompts, for slicing; raises UnknownNameError."""
    return tags_of(connection, find_suite(connection, suite).digest)


def tags_of(connection: duckdb.DuckDBPyConnection, digest: str) -> dict[str, dict[str, int]]:
    """`tags` of one version."""
    rows = connection.execute(
        "SELECT tag, value, count(*) FROM tags WHERE suite = $suite GROUP BY ALL ORDER BY ALL",
        {"suite": digest},
    ).fetchall()
    found: dict[str, dict[str, int]] = {}
    for tag, value, count in rows:
        found.setdefault(tag, {})[value] = count
    return found


def check_slice(
    connection: duckdb.DuckDBPyConnection, digest: str, where: Mapping[str, str]
) -> None:
    """Raise UnknownNameError for a tag, or a tag's value, that no prompt of the suite has."""
    known = tags_of(connection, digest) if where else {}
    for tag, value in where.items():
        if tag not in known:
            raise unknown_name("tag in this suite", tag, known)
        if value not in known[tag]:
            raise unknown_name(f"value of the tag {tag!r}", value, known[tag])
