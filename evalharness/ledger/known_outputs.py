"""Finished outputs as metrics read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from evalharness.core.keys import text_subject
from evalharness.core.outcomes import TERMINAL, Status


@dataclass(frozen=True, slots=True)
class KnownOutput:
    """A finished output; `sha256`, `kind` and `text` are those of an ok one's first artifact.

    The text of likelihoods is the JSON they are stored in.

    `cost` (US dollars) is what the backend told, else what the model's newest price comes to.
    """

    job_key: str
    take: int
    attempt: int
    status: Status
    seed: int
    duration_s: float
    batch_size: int
    peak_memory_bytes: int | None
    cost: float | None
    energy_j: float | None
    sha256: str | None
    kind: str | None
    text: str | None

    @staticmethod
    def of(row: Iterable[object]) -> KnownOutput:
        """The output of a row of `finished`."""
        key, take, attempt, status, *rest = row
        return KnownOutput(key, take, attempt, Status(str(status)), *rest)  # type: ignore[arg-type]

    @property
    def subject(self) -> str | None:
        """What an extractor looks at: a text answer's words, or the artifact's bytes."""
        return self.sha256 if self.text is None else text_subject(self.text)

    @property
    def words(self) -> str | None:
        """The answer of a model that writes."""
        return self.text if self.kind == "text" else None


def listed(statuses: Iterable[Status]) -> str:
    """Statuses as SQL lists them."""
    return ", ".join(f"'{status}'" for status in sorted(statuses))


# _null: a price that was taken back is no price, not the one before
_NEWEST_PRICES: Final = """
    SELECT digest, arg_max_null(price_per_1000, made_at) / 1000 AS price FROM models GROUP BY digest
"""


def finished(outputs: str, more: str = "") -> str:
    """SQL for the `KnownOutput`s among `outputs`, SQL for rows of the table of that name.

    `more` are further columns of theirs (`, o.…`) behind those that `KnownOutput.of` reads.
    """
    return f"""
        SELECT o.job_key, o.take, o.attempt, o.status, j.seed, o.duration_s, o.batch_size,
               o.peak_memory_bytes, coalesce(o.cost, m.price), o.energy_j, a.sha256, a.kind, a.text
               {more}
        FROM ({outputs}) o
        JOIN jobs j ON j.job_key = o.job_key
        LEFT JOIN ({_NEWEST_PRICES}) m ON m.digest = j.model
        LEFT JOIN output_artifacts p
          ON p.job_key = o.job_key AND p.take = o.take AND p.attempt = o.attempt
         AND p.position = 0 AND o.status = 'ok'
        LEFT JOIN artifacts a ON a.sha256 = p.sha256
        WHERE o.status IN ({listed(TERMINAL - {Status.OK})})
           OR (o.status = 'ok' AND a.sha256 IS NOT NULL)
    """
