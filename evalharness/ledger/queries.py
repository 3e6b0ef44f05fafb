"""What a run asks the published ledger before it works: small reads, each one statement."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from evalharness.core.outcomes import FeatureValue, Status


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a job's newest take: the attempt that decides its output."""

    take: int
    status: Status
    attempt: int


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """An artifact of an output."""

    job_key: str
    take: int
    position: int
    sha256: str
    kind: str
    bytes: int
    text: str | None


@contextmanager
def _wanted(
    connection: duckdb.DuckDBPyConnection, **columns: Sequence[str] | Sequence[int]
) -> Iterator[str]:
    """Aligned columns as a relation to join with; the name is unlike any table's."""
    name = f"wanted_{uuid.uuid4().hex}"
    types = {"take": pa.int64()}
    arrays = {k: pa.array(v, types.get(k, pa.string())) for k, v in columns.items()}
    connection.register(name, pa.table(arrays))
    try:
        yield name
    finally:
        connection.unregister(name)


def finished(
    connection: duckdb.DuckDBPyConnection, job_keys: Iterable[str]
) -> Mapping[str, Finished]:
    """The output of the newest take of each job that was ever attempted.

    Its status may be one that is tried again; `TERMINAL` says which are final.
    """
    with _wanted(connection, job_key=list(job_keys)) as wanted:
        rows = connection.execute(f"""
            SELECT job_key, take, status, attempt
            FROM outputs SEMI JOIN {wanted} USING (job_key)
            QUALIFY take = max(take) OVER (PARTITION BY job_key)
        """).fetchall()
    return {key: Finished(take, Status(status), attempt) for key, take, status, attempt in rows}


def attempts_of(
    connection: duckdb.DuckDBPyConnection, job_keys: Iterable[str], take: int
) -> Mapping[str, int]:
    """The number of the last attempt at each job in `take`; jobs never attempted are absent."""
    with _wanted(connection, job_key=list(job_keys)) as wanted:
        rows = connection.execute(
            f"""
            SELECT job_key, max(attempt)
            FROM attempts SEMI JOIN {wanted} USING (job_key)
            WHERE take = $take GROUP BY job_key
            """,
            {"take": take},
        ).fetchall()
    return dict(rows)


def artifacts_of(
    connection: duckdb.DuckDBPyConnection, outputs: Iterable[tuple[str, int]]
) -> list[StoredArtifact]:
    """The artifacts of outputs named by (job_key, take), sorted by job, take and position."""
    pairs = list(outputs)
    with _wanted(
        connection, job_key=[key for key, _ in pairs], take=[take for _, take in pairs]
    ) as wanted:
        rows = connection.execute(f"""
            SELECT job_key, take, position, sha256, kind, bytes, text
            FROM outputs
            SEMI JOIN {wanted} USING (job_key, take)
            JOIN (SELECT job_key, take, attempt, position, sha256 FROM output_artifacts)
                USING (job_key, take, attempt)
            JOIN (SELECT sha256, kind, bytes, text FROM artifacts) USING (sha256)
            ORDER BY job_key, take, position
        """).fetchall()
    return [StoredArtifact(*row) for row in rows]


def existing_feature_keys(
    connection: duckdb.DuckDBPyConnection, feature_keys: Iterable[str]
) -> set[str]:
    """Those of `feature_keys` that were extracted well (status ok)."""
    with _wanted(connection, feature_key=list(feature_keys)) as wanted:
        rows = connection.execute(f"""
            SELECT feature_key FROM features SEMI JOIN {wanted} USING (feature_key)
            WHERE status = 'ok'
        """).fetchall()
    return {key for (key,) in rows}


def existing_score_keys(
    connection: duckdb.DuckDBPyConnection, score_keys: Iterable[str]
) -> set[str]:
    """Those of `score_keys` that stand in `scores` or `set_scores`, whatever their status."""
    with _wanted(connection, score_key=list(score_keys)) as wanted:
        rows = connection.execute(f"""
            SELECT score_key FROM scores SEMI JOIN {wanted} USING (score_key)
            UNION
            SELECT score_key FROM set_scores SEMI JOIN {wanted} USING (score_key)
        """).fetchall()
    return {key for (key,) in rows}


def features_of(
    connection: duckdb.DuckDBPyConnection, feature_keys: Iterable[str]
) -> Mapping[str, FeatureValue]:
    """What was seen under each of `feature_keys` (status ok); vectors are float32 (d,) views."""
    with _wanted(connection, feature_key=list(feature_keys)) as wanted:
        found: Any = connection.sql(f"""
            SELECT feature_key, vector, scalar, text, detail
            FROM features SEMI JOIN {wanted} USING (feature_key)
            WHERE status = 'ok'
        """).to_arrow_table()
    vectors = _vectors(found.column("vector").combine_chunks())
    columns = [found.column(n).to_pylist() for n in ("feature_key", "scalar", "text", "detail")]
    return {
        key: FeatureValue(vector, scalar, text, None if detail is None else json.loads(detail))
        for vector, key, scalar, text, detail in zip(vectors, *columns, strict=True)
    }


def _vectors(column: Any) -> list[np.ndarray[Any, np.dtype[np.float32]] | None]:
    array = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    values = np.asarray(array.values, np.float32)
    offsets, missing = np.asarray(array.offsets), np.asarray(array.is_null())
    return [
        None if gone else values[start:end]
        for gone, start, end in zip(missing, offsets[:-1], offsets[1:], strict=True)
    ]
