"""The gallery: a page of prompts × models, with what each model answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalharness.board.detail import FLAGGING, OutputDetail, is_flagged, output_detail
from evalharness.board.gallery_sift import Sift, sifted
from evalharness.board.selection import FIRST_ARTIFACT, Selection, select
from evalharness.board.spoken import in_words
from evalharness.board.suites import find_suite
from evalharness.board.variants import Variant
from evalharness.core.errors import BadInputError

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "AS_IT_IS",
    "GalleryFacts",
    "GalleryOutput",
    "GalleryPage",
    "GalleryRow",
    "OutputDetail",
    "Sift",
    "Variant",
    "gallery",
    "output_detail",
]


AS_IT_IS = Sift()


@dataclass(frozen=True, slots=True)
class GalleryOutput:
    """What became of one job: its newest take's output, or its latest attempt.

    `status` is None (and `take` too) for a job never tried. `sha256`, `kind`, `format`,
    `width`, `height` and `text` are the first artifact's; None where there is none. Likelihoods
    are told as a text. `scores`
    are the ok ones, by metric: of all metrics, or of those that were asked for.
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

    @property
    def flagged(self) -> bool:
        """Whether it is a picture that should not be shown before somebody asks for it."""
        return self.kind == "picture" and is_flagged(self.status, self.scores)


@dataclass(frozen=True, slots=True)
class GalleryRow:
    """A prompt with its cells: by model name, the outputs in order of their seeds."""

    prompt_id: str
    text: str
    tags: Mapping[str, str]
    cells: Mapping[str, tuple[GalleryOutput, ...]]


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """Prompts `offset` … `offset` + `len(rows)` of the `total` in the slice.

    `seeds` are all the suite's planned seeds, whichever were asked for.
    """

    suite: str
    version: int
    digest: str
    models: tuple[Variant, ...]
    seeds: tuple[int, ...]
    rows: tuple[GalleryRow, ...]
    offset: int
    limit: int
    total: int


@dataclass(frozen=True, slots=True)
class GalleryFacts:
    """What a suite's gallery can be cut by: variants, seeds planned, statuses outputs have."""

    models: tuple[Variant, ...]
    seeds: tuple[int, ...]
    statuses: tuple[str, ...]


def facts_of_gallery(connection: duckdb.DuckDBPyConnection, suite: str) -> GalleryFacts:
    """The facts of a suite's version (by digest)."""
    selection = select(connection, suite)
    rows = connection.execute(
        selection.placed()
        + "SELECT DISTINCT status FROM placed WHERE status IS NOT NULL ORDER BY 1",
        selection.parameters,
    ).fetchall()
    statuses = tuple(status for (status,) in rows)
    return GalleryFacts(selection.variants, _seeds(connection, suite), statuses)


def gallery(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    where: Mapping[str, str] | None = None,
    models: Sequence[str] | None = None,
    seed: int | None = None,
    offset: int = 0,
    limit: int = 20,
    sift: Sift = AS_IT_IS,
    metrics: Sequence[str] | None = None,
    meant: Sequence[tuple[str, str]] | None = None,
) -> GalleryPage:
    """One page of a suite's answers, prompts in the suite's order.

    `where` keeps prompts that carry these tags, `models` chooses columns in its order, `seed`
    one seed (default: all), `sift` other prompts or another order; `meant` is what
    `meant_prompts` said of all these, where somebody turns pages. `metrics` reads fewer scores
    (and those that flag pictures). Past the last prompt a page is empty. Raises UnknownNameError
    for a suite, tag, value or model, BadInputError for a seed or window that cannot be.
    """
    if offset < 0 or limit < 1:
        raise BadInputError(
            f"A gallery page needs offset ≥ 0 and limit ≥ 1, found {offset} and {limit}."
        )
    entry = find_suite(connection, suite)
    selection = select(connection, entry.digest, where, models)
    seeds = _seeds(connection, entry.digest)
    if seed is not None and seed not in seeds:
        known = ", ".join(map(str, seeds)) or "none yet"
        raise BadInputError(f"The suite {entry.suite!r} has no seed {seed}; planned: {known}.")
    if meant is None:
        meant = sifted(connection, selection, _prompts(connection, selection), sift, seed)
    total, prompts = len(meant), meant[offset : offset + limit]
    cells = outputs_to(
        connection, selection, [prompt_id for prompt_id, _ in prompts], seed, metrics
    )
    labels = tags_of_prompts(connection, entry.digest, [prompt_id for prompt_id, _ in prompts])
    rows = tuple(
        GalleryRow(
            prompt_id,
            text,
            labels.get(prompt_id, {}),
            {
                v.model: tuple(cells.get((prompt_id, i), ()))
                for i, v in enumerate(selection.variants)
            },
        )
        for prompt_id, text in prompts
    )
    return GalleryPage(
        suite=entry.suite,
        version=entry.version,
        digest=entry.digest,
        models=selection.variants,
        seeds=seeds,
        rows=rows,
        offset=offset,
        limit=limit,
        total=total,
    )


def meant_prompts(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    where: Mapping[str, str],
    models: Sequence[str] | None,
    seed: int | None,
    sift: Sift,
) -> tuple[tuple[str, str], ...]:
    """(id, text) of all prompts that a gallery of a suite (by digest) shows, in their order."""
    selection = select(connection, suite, where, models)
    return tuple(sifted(connection, selection, _prompts(connection, selection), sift, seed))


def _seeds(connection: duckdb.DuckDBPyConnection, digest: str) -> tuple[int, ...]:
    rows = connection.execute(
        "SELECT DISTINCT seed FROM members WHERE suite = $suite ORDER BY seed", {"suite": digest}
    ).fetchall()
    return tuple(row[0] for row in rows)


def _prompts(connection: duckdb.DuckDBPyConnection, selection: Selection) -> list[tuple[str, str]]:
    """(id, text) of the slice's prompts, in the suite's order."""
    rows = connection.execute(
        f"SELECT prompt_id, text FROM ({selection.wanted}) ORDER BY position, prompt_id",
        selection.wanted_parameters,
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def tags_of_prompts(
    connection: duckdb.DuckDBPyConnection, digest: str, prompts: Sequence[str]
) -> dict[str, dict[str, str]]:
    """The tags of these prompts of a suite's version, by prompt id."""
    rows = connection.execute(
        """
        SELECT prompt_id, tag, value FROM tags
        WHERE suite = $suite AND list_contains($prompts, prompt_id) ORDER BY tag
        """,
        {"suite": digest, "prompts": list(prompts)},
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for prompt_id, tag, value in rows:
        found.setdefault(prompt_id, {})[tag] = value
    return found


def outputs_to(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    prompts: Sequence[str],
    seed: int | None = None,
    metrics: Sequence[str] | None = None,
) -> dict[tuple[str, int], list[GalleryOutput]]:
    """The outputs to these prompts by (prompt, index of the variant), in order of their seeds.

    With all their scores, or with those of `metrics` and of what flags pictures.
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
               coalesce(p.reason, ''), f.sha256, f.kind, f.format, f.width, f.height, f.text
        FROM placed p
        LEFT {FIRST_ARTIFACT}
        LEFT JOIN artifacts f ON f.sha256 = a.sha256
        ORDER BY p.position, p.prompt_id, p.variant, p.seed
        """,
        parameters,
    ).fetchall()
    found: dict[tuple[str, int], list[GalleryOutput]] = {}
    for prompt_id, variant, *facts in rows:
        named: dict[str, Any] = dict(zip(GalleryOutput.__slots__, facts, strict=False))
        named["kind"], named["text"] = in_words(named["kind"], named["text"])
        own = scores.get((prompt_id, variant, named["seed"]), {})
        found.setdefault((prompt_id, variant), []).append(GalleryOutput(**named, scores=own))
    return found
