"""What an instrument saw of a variant's pictures and of its suite's reference, read from a ledger.

The runner measures with the same features; here they are read again for what only single pictures
can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.selection import FIRST_ARTIFACT, Selection
from evalharness.catalog.metrics import MetricChoice
from evalharness.core.errors import HarnessError
from evalharness.core.keys import KeyPattern, feature_keys, instrument_recipe, metric_recipe
from evalharness.metrics.reference import StoredReference

if TYPE_CHECKING:
    import duckdb

    from evalharness.core.nouns import Json


@dataclass(frozen=True, slots=True)
class SeenPictures:
    """n ok pictures of one variant: `asked` (prompt id, seed), `sha256`, `vectors` (n, d)."""

    asked: tuple[tuple[str, int], ...]
    sha256: tuple[str, ...]
    vectors: NDArray[np.float32]

    def kept(self, rows: Sequence[int]) -> SeenPictures:
        """These rows, in their order."""
        return SeenPictures(
            tuple(self.asked[i] for i in rows),
            tuple(self.sha256[i] for i in rows),
            self.vectors[list(rows)],
        )


def keys_of(connection: duckdb.DuckDBPyConnection, choice: MetricChoice) -> KeyPattern | None:
    """The keys of the features that a metric's current numbers were made of; None if unknown.

    Which weights those were, the ledger tells only by the metric's recipe.
    """
    instrument = choice.instrument
    rows = connection.execute(
        """
        SELECT DISTINCT f.weights, f.version, m.version, m.recipe
        FROM features f, metrics m
        WHERE f.instrument = $instrument AND m.metric = $metric
        """,
        {"instrument": "" if instrument is None else instrument.name, "metric": choice.name},
    ).fetchall()
    for weights, version, of_metric, recipe in rows:
        assert instrument is not None
        seen_with: Json = instrument_recipe(instrument, weights, version)
        if metric_recipe(choice.name, of_metric, seen_with) == recipe:
            return feature_keys(instrument, weights, version)
    return None


def seen_pictures(
    connection: duckdb.DuckDBPyConnection, selection: Selection, variant: int, keys: KeyPattern
) -> SeenPictures:
    """Every ok picture of a variant that was seen, in the order of prompts and seeds."""
    rows = connection.execute(
        selection.placed("h.place = $place")
        + f"""
        SELECT p.prompt_id, p.seed, a.sha256
        FROM placed p
        {FIRST_ARTIFACT}
        JOIN artifacts f ON f.sha256 = a.sha256 AND f.kind = 'picture'
        WHERE p.status = 'ok' ORDER BY p.position, p.prompt_id, p.seed
        """,
        selection.parameters | {"place": variant},
    ).fetchall()
    vectors, found = _vectors(connection, [keys.key(sha256) for _, _, sha256 in rows])
    seen = [row for row, there in zip(rows, found, strict=True) if there]
    return SeenPictures(
        tuple((prompt, seed) for prompt, seed, _ in seen), tuple(row[2] for row in seen), vectors
    )


def seen_reference(
    connection: duckdb.DuckDBPyConnection, reference: str, keys: KeyPattern
) -> StoredReference:
    """The reference set with this digest; empty where the ledger holds no pictures of it.

    Reading it raises HarnessError where some picture was not seen.
    """
    rows = connection.execute(
        "SELECT subject FROM reference_members WHERE reference = $reference ORDER BY position",
        {"reference": reference},
    ).fetchall()
    return StoredReference(
        tuple(keys.key(subject) for (subject,) in rows), partial(_reference_rows, connection)
    )


def _reference_rows(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[str]
) -> NDArray[np.float32]:
    vectors, found = _vectors(connection, keys)
    if not found.all():
        lost = len(found) - int(found.sum())
        raise HarnessError(f"{lost} of {len(found)} reference pictures could not be looked at")
    return vectors


def _vectors(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Stored vectors (m, d) of those of `keys` (n,) that are there, and which they are (n,)."""
    table = connection.sql(
        """
        WITH wanted AS (SELECT unnest($keys::VARCHAR[]) AS key, unnest(range(len($keys))) AS place)
        SELECT w.place, f.vector FROM wanted w JOIN features f ON f.feature_key = w.key
        WHERE f.status = 'ok' AND f.vector IS NOT NULL ORDER BY w.place
        """,
        params={"keys": list(keys)},
    ).to_arrow_table()
    found = np.zeros(len(keys), dtype=np.bool_)
    found[table.column("place").to_numpy()] = True
    if not len(table):
        return np.zeros((0, 0), np.float32), found
    column = table.column("vector").combine_chunks()
    if len(column.values) % len(table) or len(np.unique(np.diff(column.offsets.to_numpy()))) > 1:
        raise HarnessError("features of different dimensions cannot be compared")
    vectors: NDArray[np.float32] = column.values.to_numpy(zero_copy_only=False)
    return vectors.reshape(len(table), -1), found
