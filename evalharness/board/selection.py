"""Which take, which outputs and which scores count: one rule for board, gallery and status.

Of a job's takes, the newest that ended for good (ok, refused, filtered, nonfinite, too_long), and
without one the newest that was tried; a comparison may ask for one take, or for what one run made.
Of its scores, those for the prompt in the suite (its digest covers target and checks) that were
made with the metric's current recipe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.suites import check_slice
from evalharness.board.variants import FINAL, Variant, Variants, variants_of
from evalharness.core.errors import unknown_name

if TYPE_CHECKING:
    import duckdb

OTHER_WEIGHTS = "scored with other weights or another version: run `evalharness score`"
"""Why a stored score with another recipe than its metric's does not count."""

FIRST_ARTIFACT = """
    JOIN output_artifacts a ON a.job_key = p.job_key AND a.take = p.take
                           AND a.attempt = p.attempt AND a.position = 0
"""
"""To `placed p`, what its output shows first: `a.sha256`."""

CHOSEN = """
    SELECT *, list_position($metrics, metric) - 1 AS chosen
    FROM metrics WHERE list_contains($metrics, metric)
"""
"""The metrics named by `$metrics`, and which of them each is."""


@dataclass(frozen=True, slots=True)
class Only:
    """Of a variant's outputs only those of one take, or those that one run made; all by default."""

    take: int | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """A part of a suite: some variants, and the prompts that carry all the tags of `where`.

    `only` restricts the outputs of each variant; empty, none is restricted. `kept` are the ids of
    the prompts that are left of these; None: all.
    """

    digest: str
    variants: tuple[Variant, ...]
    where: Mapping[str, str]
    only: tuple[Only, ...] = ()
    kept: tuple[str, ...] | None = None

    @property
    def whole(self) -> bool:
        """Whether it has all prompts of the suite."""
        return not self.where and self.kept is None

    @property
    def wanted_parameters(self) -> dict[str, object]:
        """The values of `wanted`'s parameters."""
        values: dict[str, object] = {"suite": self.digest}
        for i, (tag, value) in enumerate(self.where.items()):
            values |= {f"tag{i}": tag, f"value{i}": value}
        return values if self.kept is None else values | {"kept": list(self.kept)}

    @property
    def parameters(self) -> dict[str, object]:
        """The values of `placed`'s parameters."""
        return self.wanted_parameters | {
            "variants": [v.variant for v in self.variants],
            "models": [v.model for v in self.variants],
            "takes": [only.take for only in self.restricted],
            "runs": [only.run for only in self.restricted],
        }

    @property
    def restricted(self) -> tuple[Only, ...]:
        """What each variant is restricted to."""
        return self.only or (Only(),) * len(self.variants)

    @property
    def wanted(self) -> str:
        """SQL for the prompts of the slice: (prompt_id, position, text, digest, place).

        `place` counts them from 0, in the suite's order.
        """
        carries = "".join(
            f"""
            AND EXISTS (FROM tags t WHERE t.suite = p.suite AND t.prompt_id = p.prompt_id
                        AND t.tag = $tag{i} AND t.value = $value{i})"""
            for i in range(len(self.where))
        )
        kept = "" if self.kept is None else " AND list_contains($kept, p.prompt_id)"
        return (
            "SELECT prompt_id, position, text, digest, "
            "row_number() OVER (ORDER BY position, prompt_id) - 1 AS place "
            f"FROM prompts p WHERE p.suite = $suite{carries}{kept}"
        )

    def placed(self, condition: str = "true") -> str:
        """SQL naming the table `placed`, to be followed by a SELECT.

        One row a member: `variant` (index into `variants`), `position`, `place` (among the wanted
        prompts), `prompt_id`, `prompt` (its digest), `seed`, `job_key`, and of the output that
        counts `take`, `status`, `reason`, `attempt`, `run`, `made_at`: null for what was never
        tried. `condition` restricts members `m` further.
        """
        return f"""
        WITH wanted AS ({self.wanted}),
        shown AS (
            SELECT unnest($variants::VARCHAR[]) AS variant, unnest($models::VARCHAR[]) AS model,
                   unnest($takes::BIGINT[]) AS only_take, unnest($runs::VARCHAR[]) AS only_run,
                   unnest(range(len($variants))) AS place
        ),
        asked AS (
            SELECT h.place AS variant, w.position, w.place, m.prompt_id, w.digest AS prompt, m.seed,
                   m.job_key, h.only_take, h.only_run
            FROM members m
            JOIN wanted w ON w.prompt_id = m.prompt_id
            JOIN shown h ON h.variant = m.variant AND h.model = m.model
            WHERE m.suite = $suite AND ({condition})
        ),
        placed AS MATERIALIZED (
            SELECT a.* EXCLUDE (only_take, only_run),
                   o.take, o.status, o.reason, o.attempt, o.run, o.made_at
            FROM asked a
            LEFT JOIN outputs o ON o.job_key = a.job_key
                               AND o.take = coalesce(a.only_take, o.take)
                               AND o.run = coalesce(a.only_run, o.run)
            QUALIFY row_number() OVER (
                PARTITION BY a.variant, a.place, a.seed
                ORDER BY (o.status IN ({FINAL})) DESC, o.take DESC) = 1
        )
        """

    def scored(
        self,
        condition: str = "true",
        metrics: str = "SELECT *, 0 AS chosen FROM metrics",
        scores: str = "true",
    ) -> str:
        """`placed` and then the table `scored`: one row a member with an ok output and metric.

        Metrics on statuses have rows for outputs that ended otherwise, too.

        `variant`, `position`, `place`, `prompt_id`, `seed`, `job_key`, `take`, `metric`, `chosen`
        and of the score `status`, `reason`, `value`. The status is outdated for a score of another
        recipe and infinite for an ok one that is no finite number; `value` is null unless it is ok.

        `metrics` is SQL for those that are read, with a column `chosen` (see `CHOSEN`), and
        `scores` restricts their rows `s` by what stands in them and in their metric `t` to few:
        both before scores are joined to members, which is what takes time.
        """
        apart = "MATERIALIZED" if scores != "true" else ""
        return f"""{self.placed(condition)},
        read AS {apart} (
            SELECT s.job_key, s.take, s.prompt, s.metric, s.reason, s.value, t.chosen, t.counts,
                   CASE WHEN s.recipe <> t.recipe THEN 'outdated'
                        WHEN s.status = 'ok' AND NOT coalesce(isfinite(s.value), false)
                        THEN 'infinite' ELSE s.status END AS status
            FROM scores s JOIN ({metrics}) t ON t.metric = s.metric WHERE ({scores})
        ),
        judged AS (
            SELECT p.variant, p.position, p.place, p.prompt_id, p.seed, p.job_key, p.take,
                   s.metric, s.chosen, s.status, s.reason, s.value
            FROM placed p
            JOIN read s ON s.job_key = p.job_key AND s.take = p.take AND s.prompt = p.prompt
            WHERE p.status = 'ok' OR (s.counts = 'finished' AND p.status IN ({FINAL}))
        ),
        scored AS (
            SELECT * REPLACE (
                CASE status WHEN 'outdated' THEN '{OTHER_WEIGHTS}'
                            WHEN 'infinite' THEN 'the score is not a finite number'
                            ELSE coalesce(nullif(reason, ''), status) END AS reason,
                CASE status WHEN 'ok' THEN value END AS value
            ) FROM judged
        )
        """


def select(
    connection: duckdb.DuckDBPyConnection,
    digest: str,
    where: Mapping[str, str] | None = None,
    models: Sequence[str] | None = None,
    variants: Variants = "fullest",
) -> Selection:
    """The variants to show of each model (or of each named one) and a checked slice.

    Models come in the order of their names, or as named. Raises UnknownNameError for a model,
    a tag or a tag's value that the suite does not have.
    """
    found = variants_of(connection, digest, variants)
    for model in models or ():
        if model not in found:
            raise unknown_name("model in this suite", model, found)
    check_slice(connection, digest, where or {})
    chosen = found if models is None else dict.fromkeys(models)
    shown = tuple(variant for model in chosen for variant in found[model])
    return Selection(digest, shown, dict(where or {}))
