"""What the ledger already knows, looked up by key from the newest published copy."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from evalharness.core.outcomes import TERMINAL, Status
from evalharness.ledger.artifacts import is_intact
from evalharness.ledger.by_key import table_by_key
from evalharness.ledger.known_outputs import KnownOutput, finished, listed
from evalharness.ledger.published import connect, current_number
from evalharness.ledger.store import Store


@dataclass(frozen=True, slots=True)
class LatestAttempt:
    """A job's newest take: its status, its number of attempts, whether its bytes are there."""

    take: int
    status: Status
    attempts: int
    intact: bool


class Known:
    """A read-only view of one store; everything is empty while nothing was published."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.connection: duckdb.DuckDBPyConnection | None = (
            connect(store) if current_number(store) else None
        )

    def close(self) -> None:
        """Let go of the published copy."""
        if self.connection is not None:
            self.connection.close()

    def table(self, query: str, keys: Iterable[str]) -> pa.Table | None:
        """The answer to `query`, which reads its keys from the relation `wanted(key)`."""
        return table_by_key(self.connection, query, keys)

    def rows(self, query: str, keys: Iterable[str]) -> list[tuple[object, ...]]:
        """The same as a list of tuples."""
        found = self.table(query, keys)
        if found is None:
            return []
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def latest(self, keys: Collection[str]) -> dict[str, LatestAttempt]:
        """The newest take of every job that was ever tried."""
        outputs = self.rows(_LATEST, keys)
        artifacts: dict[str, list[tuple[str, int]]] = {}
        for key, sha256, size in self.rows(_ARTIFACTS, keys):
            artifacts.setdefault(str(key), []).append((str(sha256), int(str(size))))
        return {
            str(key): LatestAttempt(
                take=int(str(take)),
                status=Status(str(status)),
                attempts=int(str(attempts)),
                intact=all(is_intact(self._store, s, n) for s, n in artifacts.get(str(key), [])),
            )
            for key, take, status, attempts in outputs
        }

    def intact_artifacts(self, keys: Iterable[str]) -> set[str]:
        """Which of these artifacts (their sha256) are on record and have their bytes."""
        found = self.rows(_SIZES, keys)
        return {str(one) for one, size in found if is_intact(self._store, str(one), int(str(size)))}

    def newest_take(self, keys: Collection[str]) -> int:
        """The highest take that any of these jobs was ever attempted under; 0 if none was."""
        return max((int(str(take)) for (take,) in self.rows(_TAKES, keys)), default=0)

    def metric_names(self) -> set[str]:
        """Every metric that anything was ever measured by."""
        return {str(name) for (name,) in self.rows("SELECT metric FROM metrics", [])}

    def models(self) -> set[tuple[str, str]]:
        """(variant, model) of every model on record."""
        found = self.rows("SELECT variant, model FROM models", [])
        return {(str(variant), str(model)) for variant, model in found}

    def members(self, suite: str) -> dict[str, dict[tuple[str, int], str]]:
        """Every job ever planned for a suite (its digest): variant → (prompt id, seed) → key."""
        found: dict[str, dict[tuple[str, int], str]] = {}
        for variant, prompt_id, seed, key in self.rows(_MEMBERS, [suite]):
            found.setdefault(str(variant), {})[str(prompt_id), int(str(seed))] = str(key)
        return found

    def recorded(self, suite: str) -> set[tuple[object, ...]]:
        """(variant, model, prompt id, seed, job key) of every job on record in a suite."""
        return set(self.rows(_PLACES, [suite]))

    def finished_outputs(self, keys: Collection[str]) -> dict[str, KnownOutput]:
        """The newest finished output of every job that has one."""
        found: dict[str, KnownOutput] = {}
        for row in self.rows(finished(_BEST_TAKES), keys):
            output = KnownOutput.of(row)
            found[output.job_key] = output
        return found

    def reference_subjects(self, reference: str) -> list[str]:
        """The subjects of a reference set (its digest), in order; empty until all are known.

        Its first member is recorded last, so a set that has one is whole.
        """
        found = self.rows(_REFERENCE, [reference])
        whole = bool(found) and found[0][0] == 0
        return [str(subject) for _, subject in found] if whole else []

    def seconds_per_output(self, model: str) -> float | None:
        """Mean seconds an output of this model (its digest) took before, if any did."""
        found = self.rows(_SECONDS, [model])
        return None if not found or found[0][0] is None else float(str(found[0][0]))

    def ok_features(self, keys: Iterable[str]) -> set[str]:
        """Which of these features are stored."""
        return {str(key) for (key,) in self.rows(_FEATURES, keys)}

    def score_keys(self, keys: Iterable[str]) -> set[str]:
        """Which of these scores are stored."""
        return {str(key) for (key,) in self.rows(_SCORES, keys)}

    def set_score_keys(self, suite: str) -> set[tuple[str, str, str]]:
        """(variant, metric, key) of every set score of a suite (its digest)."""
        found = self.rows(_SET_SCORES, [suite])
        return {(str(variant), str(metric), str(key)) for variant, metric, key in found}


# any finished take counts as done, so a finished one goes before a newer unfinished one
_BEST_TAKES = f"""
    SELECT o.* FROM outputs o JOIN wanted w ON o.job_key = w.key
    QUALIFY row_number() OVER (
        PARTITION BY o.job_key
        ORDER BY o.status IN ({listed(TERMINAL)}) DESC,
                 o.take DESC) = 1
"""

_LATEST = f"""
    SELECT o.job_key, o.take, o.status, t.attempts
    FROM ({_BEST_TAKES}) o
    JOIN (SELECT job_key, take, max(attempt) AS attempts FROM attempts GROUP BY ALL) t
      ON t.job_key = o.job_key AND t.take = o.take
"""

_ARTIFACTS = f"""
    SELECT o.job_key, a.sha256, a.bytes
    FROM ({_BEST_TAKES}) o
    JOIN output_artifacts p
      ON p.job_key = o.job_key AND p.take = o.take AND p.attempt = o.attempt
    JOIN artifacts a ON a.sha256 = p.sha256
"""

_SIZES = "SELECT sha256, bytes FROM artifacts JOIN wanted w ON sha256 = w.key"

_TAKES = "SELECT DISTINCT take FROM attempts JOIN wanted w ON job_key = w.key"

_MEMBERS = """
    SELECT variant, prompt_id, seed, job_key FROM members JOIN wanted w ON suite = w.key
    ORDER BY ALL
"""

_PLACES = """
    SELECT variant, model, prompt_id, seed, job_key FROM members JOIN wanted w ON suite = w.key
"""

_REFERENCE = """
    SELECT position, subject FROM reference_members JOIN wanted w ON reference = w.key
    ORDER BY position
"""

_SECONDS = """
    SELECT avg(o.duration_s / o.batch_size)
    FROM outputs o
    JOIN jobs j ON j.job_key = o.job_key
    JOIN wanted w ON w.key = j.model
    WHERE o.status = 'ok'
"""

_FEATURES = """
    SELECT f.feature_key FROM features f JOIN wanted w ON f.feature_key = w.key
    WHERE f.status = 'ok'
"""

_SCORES = "SELECT score_key FROM scores JOIN wanted w ON score_key = w.key"

_SET_SCORES = """
    SELECT variant, metric, score_key FROM set_scores JOIN wanted w ON suite = w.key
"""
