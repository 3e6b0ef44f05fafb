"""Pictures compared with several phrases each: zero-shot classification by a CLIP model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evalharness.core.tables import OutputTable, there
from evalharness.metrics.features import UnmeasurableError

Floats = NDArray[np.float64]


def cosines(table: OutputTable) -> Iterator[Floats]:
    """Of every output, the cosines of its vector with those of the texts asked, in their order.

    Every text's vector is kept once, however many outputs it is compared with. Raises
    UnmeasurableError for vectors that are zero, NaN or infinite.
    """
    texts = table.seen["prompt"]
    read = _unit(there(texts.vectors, "vectors"))
    bounds = texts.bounds(len(table))
    for i, vector in enumerate(table.seen["output"].each_vector()):
        yield read[texts.at[bounds[i] : bounds[i + 1]]] @ _unit(vector[None])[0]


def _unit(rows: NDArray[np.float32]) -> Floats:
    vectors = rows.astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise UnmeasurableError(
            "Some vectors of pictures or phrases are zero, NaN or infinite. Check the "
            "instrument's weights."
        )
    unit: Floats = vectors / lengths
    return unit
