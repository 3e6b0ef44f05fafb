"""Stored features, fetched by key for the metrics that read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalharness.core.errors import HarnessError
from evalharness.runner.known import Known


@dataclass(frozen=True, slots=True)
class StoredFeature:
    """A feature that is there (`vector` or `text`), or the reason why it is not."""

    vector: NDArray[np.float32] | None
    text: str | None
    reason: str


def fetch(known: Known, keys: Iterable[str]) -> dict[str, StoredFeature]:
    """Every stored feature among `keys`, failed ones with their reason."""
    found = known.table(_FEATURES, keys)
    if found is None:
        return {}
    names = found.column("feature_key").to_pylist()
    texts = found.column("text").to_pylist()
    reasons = found.column("reason").to_pylist()
    vectors = found.column("vector").combine_chunks()
    values = vectors.values.to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    offsets = vectors.offsets.to_numpy()
    valid = vectors.is_valid().to_numpy(zero_copy_only=False)
    return {
        name: StoredFeature(
            vector=values[offsets[i] : offsets[i + 1]] if valid[i] else None,
            text=texts[i],
            reason=reasons[i],
        )
        for i, name in enumerate(names)
    }


def stack(vectors: Iterable[NDArray[np.float32] | None]) -> NDArray[np.float32]:
    """Vectors as one float32 (n, d) array; raises HarnessError where one is absent or odd."""
    present = [vector for vector in vectors if vector is not None]
    if not present:
        return np.zeros((0, 0), np.float32)
    sizes = {len(vector) for vector in present}
    if len(sizes) > 1:
        raise HarnessError(
            f"Features of different dimensions {sorted(sizes)} cannot be measured together; "
            "expected one extractor and one set of weights."
        )
    return np.stack(present)


_FEATURES = """
    SELECT f.feature_key, f.vector::FLOAT[] AS vector, f.text, f.reason
    FROM features f JOIN wanted w ON f.feature_key = w.key
"""
