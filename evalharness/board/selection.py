"""Which variant, which take and which outputs count: one rule for board, gallery and status.

Of a model's variants in a suite, the one planned last; of a job's takes, the newest that ended
for good (ok, refused, filtered, nonfinite), and without one the newest that was tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.suites import check_slice
from evalharness.core.errors import unknown_name
from evalharness.core.outcomes import TERMINAL

if TYPE_CHECKING:
    import duckdb

_FINAL = ", ".join(f"'{status}'" for status in sorted(TERMINAL))


@dataclass(frozen=True, slots=True)
class Variant:
    """A model under its settings in a suite: one row of a board."""

    model: str
    title: str
    variant: str
    licence: str | None


@dataclass(frozen=True, slots=True)
class Selection:
    """A part of a suite: some variants, and the prompts that carry all the tags of `where`."""

    digest: str
    variants: tuple[Variant, ...]
    where: Mapping[str, str]

    @property
    def wanted_parameters(self) -> dict[str, object]:
        """The values of `wanted`'s parameters."""
        values: dict[str, object] = {"suite": self.digest}
        for i, (tag, value) in enumerate(self.where.items()):
            values |= {f"tag{i}": tag, f"value{i}": value}
        return values

    @property
    def parameters(self) -> dict[str, object]:
        """The values of `placed`'s parameters."""
        return self.wanted_parameters | {"variants": [v.variant for v in self.variants]}

    @property
    def wanted(self) -> str:
        """SQL for the prompts of the slice: (prompt_id, position, text)."""
        carries = "".join(
            f"""
            AND EXISTS (FROM tags t WHERE t.suite = p.suite AND t.prompt_id = p.prompt_id
                        AND t.tag = $tag{i} AND t.value = $value{i})"""
            for i in range(len(self.where))
        )
        return f"SELECT prompt_id, position, text FROM prompts p WHERE p.suite = $suite{carries}"

    def placed(self, condition: str = "true") -> str:
        """SQL naming the table `placed`, to be followed by a SELECT.

        One row a member: `variant` (index into `variants`), `position`, `prompt_id`, `seed`,
        `job_key`, and of the output that counts `take`, `status`, `reason`, `attempt`, `run`,
        `made_at`: null for what was never tried. `condition` restricts members `m` further.
        """
        return f"""
        WITH wanted AS ({self.wanted}),
        asked AS (
            SELECT list_position($variants, m.variant) - 1 AS variant, w.position, m.prompt_id,
                   m.seed, m.job_key
            FROM members m JOIN wanted w ON w.prompt_id = m.prompt_id
            WHERE m.suite = $suite AND list_contains($variants, m.variant) AND ({condition})
        ),
        counted AS (
            SELECT job_key, take, status, reason, attempt, run, made_at
            FROM outputs SEMI JOIN asked USING (job_key)
            QUALIFY row_number() OVER
                (PARTITION BY job_key ORDER BY (status IN ({_FINAL})) DESC, take DESC) = 1
        ),
        placed AS MATERIALIZED (
            SELECT a.*, c.take, c.status, c.reason, c.attempt, c.run, c.made_at
            FROM asked a LEFT JOIN counted c ON c.job_key = a.job_key
        )
        """


def select(
    connection: duckdb.DuckDBPyConnection,
    digest: str,
    where: Mapping[str, str] | None = None,
    models: Sequence[str] | None = None,
) -> Selection:
    """The newest variant of each model (or of each named one) and a checked slice.

    Models come in the order of their names, or as named. Raises UnknownNameError for a model,
    a tag or a tag's value that the suite does not have.
    """
    found = {v.model: v for v in newest_variants(connection, digest)}
    for model in models or ():
        if model not in found:
            raise unknown_name("model in this suite", model, found)
    check_slice(connection, digest, where or {})
    chosen = found if models is None else dict.fromkeys(models)
    return Selection(digest, tuple(found[model] for model in chosen), dict(where or {}))


def newest_variants(connection: duckdb.DuckDBPyConnection, digest: str) -> tuple[Variant, ...]:
    """The variant of each model that was planned last in a suite, by model name."""
    rows = connection.execute(
        """
        SELECT v.model, coalesce(nullif(s.title, ''), v.model), v.variant, s.licence
        FROM (SELECT model, variant, max(made_at) AS made_at FROM members
              WHERE suite = $suite GROUP BY model, variant
              QUALIFY row_number() OVER
                  (PARTITION BY model ORDER BY max(made_at) DESC, variant) = 1) v
        LEFT JOIN models s ON s.variant = v.variant
        ORDER BY v.model
        """,
        {"suite": digest},
    ).fetchall()
    return tuple(Variant(*row) for row in rows)
