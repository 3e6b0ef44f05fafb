"""The gallery: a page of prompts × models, with what each model answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.answers.prompts import prompts_of
from evalharness.board.detail import OutputDetail, output_detail
from evalharness.board.gallery_sift import Sift, sifted
from evalharness.board.outputs import GalleryOutput, outputs_to
from evalharness.board.selection import Selection, select
from evalharness.board.suites import find_suite
from evalharness.board.variants import Variant
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt

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
class GalleryRow:
    """A prompt with its cells: by model name, the outputs in order of their seeds."""

    prompt: Prompt
    tags: Mapping[str, str]
    cells: Mapping[str, tuple[GalleryOutput, ...]]

    @property
    def prompt_id(self) -> str:
        """The prompt's id."""
        return self.prompt.id

    @property
    def text(self) -> str:
        """The prompt's words."""
        return self.prompt.text


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
    whole: bool = False,
) -> GalleryPage:
    """One page of a suite's answers, prompts in the suite's order.

    `where` keeps prompts that carry these tags, `models` chooses columns in its order, `seed`
    one seed (default: all), `sift` other prompts or another order; `meant` is what
    `meant_prompts` said of all these, where somebody turns pages. `metrics` reads fewer scores
    (and those that flag pictures), `whole` every word of long answers. Past the last prompt a page
    is empty. Raises UnknownNameError for a suite, tag, value or model, BadInputError for a seed or
    window that cannot be.
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
    names = [prompt_id for prompt_id, _ in prompts]
    rows = _rows(connection, selection, names, seed, metrics, whole)
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


def _rows(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    names: Sequence[str],
    seed: int | None,
    metrics: Sequence[str] | None,
    whole: bool,
) -> tuple[GalleryRow, ...]:
    asked = prompts_of(connection, selection.digest, names)
    cells = outputs_to(connection, selection, names, seed, metrics, asked=asked, whole=whole)
    labels = tags_of_prompts(connection, selection.digest, names)
    return tuple(
        GalleryRow(
            asked[name],
            labels.get(name, {}),
            {v.model: tuple(cells.get((name, i), ())) for i, v in enumerate(selection.variants)},
        )
        for name in names
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
