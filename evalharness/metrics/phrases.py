"""Pictures compared with several phrases each: zero-shot classification by a CLIP model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evalharness.core.tables import OutputTable, there
from evalharness.metrics.features import directions

Floats = NDArray[np.float64]


def cosines(table: OutputTable) -> Iterator[Floats]:
    """Of every output, the cosines of its vector with those of the texts asked, in their order.

    Every text's vector is kept once, however many outputs it is compared with. Raises
    UnmeasurableError for vectors that are zero, NaN or infinite.
    """
    texts = table.seen["prompt"]
    read = directions(there(texts.vectors, "vectors"), "the phrases")
    bounds = texts.bounds(len(table))
    for i, vector in enumerate(table.seen["output"].each_vector()):
        yield read[texts.at[bounds[i] : bounds[i + 1]]] @ directions(vector[None], "the outputs")[0]
