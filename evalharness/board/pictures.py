"""The pictures of a suite as an instrument saw them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.selection import FIRST_ARTIFACT, Selection
from evalharness.core.brief import Space

if TYPE_CHECKING:
    import duckdb


STYLE_BY = ("csd", "style-statistics")
"""Instruments that are made to see style, the better one first."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """n ok pictures: whose (index into the selection's variants), of which prompt, which file.

    `variant` and `prompt` are int64 (n,), `vectors` float32 (n, d).
    """

    variant: NDArray[np.int64]
    prompt: NDArray[np.int64]
    sha256: tuple[str, ...]
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.variant)

    def kept(self, rows: NDArray[np.bool_]) -> Pictures:
        """Those where `rows` (n,) is true."""
        names = tuple(name for name, keep in zip(self.sha256, rows, strict=True) if keep)
        return Pictures(self.variant[rows], self.prompt[rows], names, self.vectors[rows])

    def means(self, values: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
        """Means over the seeds of each (variant, prompt): values (n, …) → (V, P, …), NaN = none."""
        cells = self.variant * shape[1] + self.prompt
        flat = values.reshape(len(values), -1)
        order = np.argsort(cells, kind="stable")
        sums = np.full((shape[0] * shape[1], flat.shape[1]), np.nan)
        present, starts, counts = np.unique(cells[order], return_index=True, return_counts=True)
        if len(present):
            sums[present] = np.add.reduceat(flat[order], starts, axis=0) / counts[:, None]
        return sums.reshape(*shape, *values.shape[1:])

    def model_means(self, values: NDArray[np.float64], variants: int) -> NDArray[np.float64]:
        """Means over all pictures of each variant: values (n, d) → (V, d), NaN = none."""
        whole = Pictures(self.variant, np.zeros_like(self.prompt), self.sha256, self.vectors)
        return whole.means(values, (variants, 1))[:, 0]


NO_PICTURES = Pictures(
    np.zeros(0, np.int64), np.zeros(0, np.int64), (), np.zeros((0, 1), np.float32)
)


def pictures(
    connection: duckdb.DuckDBPyConnection,
    selection: Selection,
    space: Space,
    prompts: Mapping[str, int],
) -> Pictures:
    """Every ok picture of the selection whose vector is stored in this space.

    `prompts` gives each prompt's column. Only finite vectors other than zero have a direction;
    others are left out.
    """
    table = connection.sql(
        selection.placed()
        + f"""
        SELECT p.variant, p.prompt_id, a.sha256, f.vector
        FROM placed p
        {FIRST_ARTIFACT}
        JOIN features f ON f.subject = a.sha256 AND f.kind = 'picture'
        WHERE p.status = 'ok' AND f.status = 'ok' AND f.vector IS NOT NULL
          AND f.instrument = $instrument AND f.weights = $weights AND f.version = $version
        ORDER BY p.variant, p.position, p.prompt_id, p.seed
        """,
        params=selection.parameters
        | {"instrument": space.instrument, "weights": space.weights, "version": space.version},
    ).to_arrow_table()
    column = table.column("vector").combine_chunks()
    vectors = column.values.to_numpy(zero_copy_only=False).astype(np.float32)
    vectors = vectors.reshape(len(table), -1) if len(table) else np.zeros((0, 1), np.float32)
    found = Pictures(
        variant=table.column("variant").to_numpy().astype(np.int64),
        prompt=np.array([prompts[p] for p in table.column("prompt_id").to_pylist()], np.int64),
        sha256=tuple(table.column("sha256").to_pylist()),
        vectors=vectors,
    )
    usable = np.isfinite(vectors).all(axis=1) & vectors.any(axis=1)
    return found if usable.all() else found.kept(usable)
