"""Everything known about one output: what was asked and sent, tried, made and measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from evalharness.board.answers.checks import CheckEntry, checks_of
from evalharness.board.answers.likely import Likely, likely_of
from evalharness.board.answers.prompts import prompts_of
from evalharness.board.answers.seen import Judgement, ProgramRun, seen_of
from evalharness.board.columns import base_name
from evalharness.board.selection import OTHER_WEIGHTS
from evalharness.board.spoken import in_words
from evalharness.core.errors import UnknownNameError
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import TERMINAL

if TYPE_CHECKING:
    import duckdb

    from evalharness.core.nouns import Json

    Parameters: TypeAlias = dict[str, Any]

T = TypeVar("T")

MOST = 50_000
"""Characters of a text answer that are told; the rest stands in the artifact."""


@dataclass(frozen=True, slots=True)
class AttemptEntry:
    """One attempt of the take. `duration_s` is its batch's wall time in seconds, `batch_size`
    how many jobs that batch held; `peak_memory_bytes` the device's peak meanwhile.
    """

    attempt: int
    status: str
    reason: str
    duration_s: float
    batch_size: int
    padded: bool
    peak_memory_bytes: int | None
    cost: float | None
    device: str
    run: str
    made_at: datetime
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArtifactEntry:
    """Stored bytes with their measured facts: sizes in pixels, `bytes` in bytes.

    `text` has at most `MOST` of the `characters` of a text. Likelihoods are told as a text, and are
    `likely`.
    """

    sha256: str
    kind: str
    format: str
    bytes: int
    width: int | None
    height: int | None
    text: str | None
    characters: int | None = None
    likely: tuple[Likely, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreEntry:
    """A score of the output; `value` is None where `status` is not ok, and `reason` says why.

    Besides a score's own statuses there is outdated: made with another recipe than the metric's.
    """

    metric: str
    title: str
    unit: str
    direction: str
    status: str
    reason: str
    value: float | None


@dataclass(frozen=True, slots=True)
class OutputDetail:
    """One job's take. `text` is the suite's prompt, `sent` what the model got after its
    template; `status`, `reason` and `artifacts` are the last attempt's that counts. `takes`
    lists every take of the job. `prompt` is the whole prompt; `checks` how the answer came out in
    it, `runs` and `judgements` what instruments made of a text answer.
    """

    job_key: str
    take: int
    takes: tuple[int, ...]
    status: str
    reason: str
    suite: str
    version: int
    prompt_id: str
    text: str
    target: str | None
    tags: Mapping[str, str]
    sent: str
    negative: str | None
    seed: int
    settings: Mapping[str, Json]
    model: str
    title: str
    variant: str
    backend: str
    backend_version: int
    source: str
    revision: str
    licence: str | None
    attempts: tuple[AttemptEntry, ...]
    artifacts: tuple[ArtifactEntry, ...]
    scores: tuple[ScoreEntry, ...]
    prompt: Prompt
    checks: tuple[CheckEntry, ...]
    runs: tuple[ProgramRun, ...] = ()
    judgements: tuple[Judgement, ...] = ()

    @property
    def flagged(self) -> bool:
        """Whether its pictures should not be shown before somebody asks for them."""
        return is_flagged(
            self.status, {one.metric: one.value for one in self.scores if one.value is not None}
        )


FLAGGING, UNSAFE = "nsfw_rate", 0.5
"""The metric that flags pictures, whatever its instrument, and from which value on."""


def is_flagged(status: str | None, scores: Mapping[str, float]) -> bool:
    """Whether a classifier takes an output's picture for unsafe, or its model's own filter did."""
    rates = (value for name, value in scores.items() if base_name(name) == FLAGGING)
    return status == "filtered" or any(rate >= UNSAFE for rate in rates)


def output_detail(
    connection: duckdb.DuckDBPyConnection,
    job_key: str,
    take: int,
    suite: str | None = None,
    *,
    model: str | None = None,
    prompt_id: str | None = None,
) -> OutputDetail:
    """All that is stored about a job's take, finished or only tried.

    A job can stand in several places: `suite` (a digest), `model` and `prompt_id` say as whose
    answer to which prompt it is told and scored (default: where it was planned last). Raises
    UnknownNameError when there is no such attempt or place.
    """
    key: Parameters = {"job_key": job_key, "take": take}
    attempts = _attempts(connection, key)
    asked: Parameters = {"suite": suite, "model": model, "prompt_id": prompt_id}
    place = _place(connection, asked | {"job_key": job_key})
    if not attempts or place is None:
        raise UnknownNameError(
            f"There is no take {take} of an output with the key {job_key!r} in this store. "
            "Keys and takes stand in the table `outputs`; the gallery links to them."
        )
    final = _final(attempts)
    takes = connection.execute(
        "SELECT DISTINCT take FROM attempts WHERE job_key = $job_key ORDER BY take",
        {"job_key": job_key},
    ).fetchall()
    settings, digest = place.pop("settings"), place.pop("digest")
    prompt = prompts_of(connection, digest, [place["prompt_id"]])[place["prompt_id"]]
    scores = tuple(_scores(connection, key | {"prompt": place.pop("prompt")}))
    artifacts, words = _artifacts(connection, key | {"attempt": final.attempt}, prompt)
    values = {one.metric: one.value for one in scores if one.value is not None}
    runs, judgements = seen_of(connection, prompt, words) if words is not None else ((), ())
    return OutputDetail(
        job_key=job_key,
        take=take,
        takes=tuple(row[0] for row in takes),
        status=final.status,
        reason=final.reason,
        tags=_tags(connection, digest, place["prompt_id"]),
        settings=json.loads(settings),
        attempts=tuple(attempts),
        artifacts=artifacts,
        scores=scores,
        prompt=prompt,
        checks=checks_of(prompt, words if len(words or "") <= MOST else None, values),
        runs=runs,
        judgements=judgements,
        **place,
    )


def _final(attempts: Sequence[AttemptEntry]) -> AttemptEntry:
    """The attempt that became the output: the last that ended for good, or else the last."""
    ended = [attempt for attempt in attempts if attempt.status in TERMINAL]
    return (ended or attempts)[-1]


def _read(
    connection: duckdb.DuckDBPyConnection, kind: type[T], sql: str, parameters: Parameters
) -> list[T]:
    """The rows of a query whose columns are the fields of `kind`, in their order."""
    return [kind(*row) for row in connection.execute(sql, parameters).fetchall()]


def _place(connection: duckdb.DuckDBPyConnection, parameters: Parameters) -> dict[str, Any] | None:
    """The job with its prompt, suite and model, by the names of OutputDetail's fields."""
    cursor = connection.execute(
        """
        SELECT s.digest, s.suite, s.version, m.prompt_id, p.digest AS prompt, p.text, p.target,
               j.text AS sent, j.negative, j.seed, j.settings, m.model,
               coalesce(nullif(v.title, ''), m.model) AS title, m.variant, j.backend,
               j.backend_version, v.source, v.revision, v.licence
        FROM members m
        JOIN jobs j ON j.job_key = m.job_key
        JOIN suites s ON s.digest = m.suite
        JOIN prompts p ON p.suite = m.suite AND p.prompt_id = m.prompt_id
        JOIN models v ON v.variant = m.variant AND v.model = m.model
        WHERE m.job_key = $job_key AND m.suite = coalesce($suite, m.suite)
          AND m.model = coalesce($model, m.model)
          AND m.prompt_id = coalesce($prompt_id, m.prompt_id)
        ORDER BY m.made_at DESC, m.suite, m.variant, m.model, m.prompt_id LIMIT 1
        """,
        parameters,
    )
    names = [column[0] for column in cursor.description or ()]
    row = cursor.fetchone()
    return None if row is None else dict(zip(names, row, strict=True))


def _tags(connection: duckdb.DuckDBPyConnection, suite: str, prompt_id: str) -> dict[str, str]:
    rows = connection.execute(
        "SELECT tag, value FROM tags WHERE suite = $suite AND prompt_id = $prompt_id ORDER BY tag",
        {"suite": suite, "prompt_id": prompt_id},
    ).fetchall()
    return dict(rows)


def _attempts(connection: duckdb.DuckDBPyConnection, key: Parameters) -> list[AttemptEntry]:
    rows = connection.execute(
        """
        SELECT attempt, status, reason, duration_s, batch_size, padded, peak_memory_bytes, cost,
               device, run, made_at, notes
        FROM attempts WHERE job_key = $job_key AND take = $take ORDER BY attempt
        """,
        key,
    ).fetchall()
    return [replace(AttemptEntry(*row), notes=tuple(json.loads(row[-1]))) for row in rows]


def _artifacts(
    connection: duckdb.DuckDBPyConnection, key: Parameters, prompt: Prompt
) -> tuple[tuple[ArtifactEntry, ...], str | None]:
    """What the attempt gave, and the whole text of its first answer in words, if there is one."""
    entries = _read(
        connection,
        ArtifactEntry,
        """
        SELECT f.sha256, f.kind, f.format, f.bytes, f.width, f.height, f.text, length(f.text)
        FROM output_artifacts a JOIN artifacts f ON f.sha256 = a.sha256
        WHERE a.job_key = $job_key AND a.take = $take AND a.attempt = $attempt
        ORDER BY a.position
        """,
        key,
    )
    words = next((one.text for one in entries if one.kind == "text"), None)
    return tuple(_shown(one, prompt) for one in entries), words


def _shown(entry: ArtifactEntry, prompt: Prompt) -> ArtifactEntry:
    if entry.kind == "likelihoods" and entry.text is not None:
        kind, told = in_words(entry.kind, entry.text)
        likely = likely_of(entry.text, prompt)
        return replace(entry, kind=kind or entry.kind, text=told, likely=likely)
    return replace(entry, text=None if entry.text is None else entry.text[:MOST])


def _scores(connection: duckdb.DuckDBPyConnection, key: Parameters) -> list[ScoreEntry]:
    return _read(
        connection,
        ScoreEntry,
        """
        SELECT s.metric, m.title, m.unit, m.direction,
               CASE WHEN s.recipe = m.recipe THEN s.status ELSE 'outdated' END,
               CASE WHEN s.recipe = m.recipe THEN s.reason ELSE $outdated END,
               CASE WHEN s.recipe = m.recipe AND s.status = 'ok' THEN s.value END
        FROM scores s JOIN metrics m ON m.metric = s.metric
        WHERE s.job_key = $job_key AND s.take = $take AND s.prompt = $prompt ORDER BY s.metric
        """,
        key | {"outdated": OTHER_WEIGHTS},
    )
