"""What became of jobs, as galleries and comparisons show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalharness.board.answers.likely import Likely, likely_of
from evalharness.board.detail import FLAGGING, is_flagged
from evalharness.board.selection import FIRST_ARTIFACT, Selection
from evalharness.board.spoken import in_words
from evalharness.core.nouns import Prompt
from evalharness.metrics.text.readings import LONGEST

if TYPE_CHECKING:
    import duckdb

PART = LONGEST
"""Characters of either end of an answer that are read, where it is longer than both together."""

SHORTENED = f"""
    CASE WHEN f.kind = 'text' AND length(f.text) > {2 * PART}
    THEN concat(left(f.text, {PART}), chr(10), '…', chr(10), right(f.text, {PART}))
    ELSE f.text END
"""
"""SQL for the words of an artifact `f`, of which not even a million tokens are too many."""


@dataclass(frozen=True, slots=True)
class GalleryOutput:
    """What became of one job: its newest take's output, or its latest attempt.

    `status` is None (and `take` too) for a job never tried. `sha256`, `kind`, `format`,
    `width`, `height` and `text` are the first artifact's; None where there is none. A long `text`
    is its beginning and its end, of `characters` in all (see `PART`). Likelihoods are told as a
    text, and are `likely`. `scores` are the ok ones, by metric: of all metrics, or of those that
    were asked for.
    """

    job_key: str
    seed: int
    take: int | None
    status: str | None
    reason: str
    sha256: str | None
    kind: str | None
    format: str | None
    width: int | None
    height: int | None
    text: str | None
    scores: Mapping[str, float]
    characters: int | None = None
    likely: tuple[Likely, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether `text` is all of the answer."""
        return self.text is None or self.characters is None or self.characters <= 2 * PART

    @property
    def flagged(self) -> bool:
        """Whether it is a picture that should not be shown before somebody asks for it."""
        return self.kind == "picture" and is_flagged(self.status, self.scores)


def outputs_to(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    prompts: Sequence[str],
    seed: int | None = None,
    metrics: Sequence[str] | None = None,
    *,
    asked: Mapping[str, Prompt] | None = None,
    whole: bool = False,
) -> dict[tuple[str, int], list[GalleryOutput]]:
    """The outputs to these prompts by (prompt, index of the variant), in order of their seeds.

    With all their scores, or with those of `metrics` and of what flags pictures. `asked`, the
    prompts by id, say which continuation is right; `whole` leaves long answers as they are.
    """
    condition = "list_contains($prompts, m.prompt_id) AND m.seed = coalesce($seed, m.seed)"
    parameters = selection.parameters | {"prompts": list(prompts), "seed": seed}
    read = "true"
    if metrics is not None:
        read = f"list_contains($metrics, metric) OR starts_with(metric, '{FLAGGING}[')"
    scores: dict[tuple[str, int, int], dict[str, float]] = {}
    for prompt_id, variant, seed_of, metric, value in connection.execute(
        selection.scored(condition, f"SELECT *, 0 AS chosen FROM metrics WHERE {read}")
        + """
        SELECT prompt_id, variant, seed, metric, value FROM scored
        WHERE status = 'ok' ORDER BY metric
        """,
        parameters if metrics is None else parameters | {"metrics": list(metrics)},
    ).fetchall():
        scores.setdefault((prompt_id, variant, seed_of), {})[metric] = value
    rows = connection.execute(
        selection.placed(condition)
        + f"""
        SELECT p.prompt_id, p.variant, p.job_key, p.seed, p.take, p.status,
               coalesce(p.reason, ''), f.sha256, f.kind, f.format, f.width, f.height,
               {"f.text" if whole else SHORTENED}, length(f.text)
        FROM placed p
        LEFT {FIRST_ARTIFACT}
        LEFT JOIN artifacts f ON f.sha256 = a.sha256
        ORDER BY p.position, p.prompt_id, p.variant, p.seed
        """,
        parameters,
    ).fetchall()
    found: dict[tuple[str, int], list[GalleryOutput]] = {}
    for prompt_id, variant, *facts, characters in rows:
        named: dict[str, Any] = dict(zip(GalleryOutput.__slots__, facts, strict=False))
        likely: tuple[Likely, ...] = ()
        if named["kind"] == "likelihoods" and named["text"] is not None:
            likely = likely_of(named["text"], (asked or {}).get(prompt_id))
        named["kind"], named["text"] = in_words(named["kind"], named["text"])
        own = scores.get((prompt_id, variant, named["seed"]), {})
        output = GalleryOutput(**named, scores=own, characters=characters, likely=likely)
        found.setdefault((prompt_id, variant), []).append(output)
    return found
