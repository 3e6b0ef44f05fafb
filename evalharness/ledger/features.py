"""Stored features, fetched by key for the metrics that read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from evalharness.core.contracts import Sight
from evalharness.core.errors import HarnessError
from evalharness.core.tables import Seen
from evalharness.ledger.by_key import table_by_key

if TYPE_CHECKING:
    import duckdb

_COLUMN: Mapping[Sight, Literal["vector", "scalar", "text", "detail"]] = {
    "vector": "vector",
    "logits": "vector",
    "bits": "vector",
    "rating": "scalar",
    "preference": "scalar",
    "probability": "scalar",
    "passed": "scalar",
    "grade": "scalar",
    "verdict": "scalar",
    "confidence": "scalar",
    "text": "text",
    "distance": "detail",
    "objects": "detail",
    "measurements": "detail",
}


@dataclass(frozen=True, slots=True)
class Features:
    """One column of stored features, by key; what is not `there` has a reason."""

    reads: Sight
    rows: Mapping[str, int]
    there: NDArray[np.bool_]
    reasons: Sequence[str]
    column: pa.Array | None

    def problem(self, key: str) -> str | None:
        """None if the feature is there; why looking failed; "" if nobody looked yet."""
        row = self.rows.get(key)
        if row is None:
            return ""
        if self.there[row]:
            return None
        return self.reasons[row] or f"the extractor gave no {self.reads}"

    def seen(self, of: Sequence[int], keys: Sequence[str]) -> Seen:
        """The features of `keys`, which output `of[i]` reads each; all must be there.

        Raises HarnessError for vectors of different dimensions.
        """
        place = {key: at for at, key in enumerate(dict.fromkeys(keys))}
        unique = np.array([self.rows[key] for key in place], np.int64)
        owners = np.asarray(of, np.int64)
        places = np.array([place[key] for key in keys], np.int64)
        kind = _COLUMN[self.reads]
        if kind == "vector":
            return Seen(owners, places, vectors=_matrix(self.column, unique))
        column = None if self.column is None else self.column.take(pa.array(unique))
        match kind:
            case "scalar":
                return Seen(owners, places, scalars=_numbers(column))
            case "text":
                return Seen(owners, places, texts=tuple(_values(column)))
            case "detail":
                details = tuple(json.loads(text) for text in _values(column))
                return Seen(owners, places, details=details)


def fetch(
    connection: duckdb.DuckDBPyConnection | None, keys: Iterable[str], reads: Sight
) -> Features:
    """Every stored feature among `keys`, failed ones with their reason."""
    found = table_by_key(connection, _FEATURES.format(column=_COLUMN[reads]), keys)
    if found is None:
        return Features(reads, {}, np.zeros(0, np.bool_), (), None)
    names = found.column("feature_key").to_pylist()
    column = found.column("value").combine_chunks()
    return Features(
        reads=reads,
        rows={name: row for row, name in enumerate(names)},
        there=column.is_valid().to_numpy(zero_copy_only=False),
        reasons=found.column("reason").to_pylist(),
        column=column,
    )


def see_all(
    connection: duckdb.DuckDBPyConnection | None, keys: Sequence[str], reads: Sight, what: str
) -> Seen:
    """The features of all `keys`, as if each were an output's; raises HarnessError for a lost one.

    `what` says in the message what the keys are of.
    """
    features = fetch(connection, keys, reads)
    lost = [why for key in keys if (why := features.problem(key)) is not None]
    if lost or not keys:
        why = next((f": {one}" for one in lost if one), "")
        raise HarnessError(f"{len(lost)} of {len(keys)} {what} could not be looked at{why}")
    return features.seen(range(len(keys)), keys)


def _matrix(vectors: pa.Array | None, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The vectors of `rows` as one float32 (u, d) array."""
    if vectors is None or not len(rows):
        return np.zeros((0, 0), np.float32)
    offsets = vectors.offsets.to_numpy()
    starts = offsets[rows]
    sizes = np.unique(offsets[rows + 1] - starts)
    if len(sizes) > 1:
        raise HarnessError(
            f"Features of different dimensions {sizes.tolist()} cannot be measured together; "
            "expected one extractor and one set of weights."
        )
    d = int(sizes[0])
    values: NDArray[np.float32] = vectors.values.to_numpy(zero_copy_only=False)
    # Arrow's own `take` copies list by list; these all begin at multiples of d, unless features
    # of other dimensions, which this metric does not read, lie between them
    if d and not (starts % d).any():
        found: NDArray[np.float32] = values[: len(values) // d * d].reshape(-1, d)[starts // d]
        return found
    return np.stack([values[start : start + d] for start in starts])


def _numbers(scalars: pa.Array | None) -> NDArray[np.float64]:
    if scalars is None:
        return np.zeros(0)
    numbers: NDArray[np.float64] = scalars.to_numpy(zero_copy_only=False).astype(np.float64)
    return numbers


def _values(column: pa.Array | None) -> list[str]:
    return [] if column is None else column.to_pylist()


_FEATURES = """
    SELECT f.feature_key, f.{column} AS value, f.reason
    FROM features f JOIN wanted w ON f.feature_key = w.key
"""
