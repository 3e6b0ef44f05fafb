import numpy as np
import pyarrow as pa
import pytest

from evalharness.core.errors import HarnessError
from evalharness.ledger.features import Features


def features(vectors: list[list[float] | None]) -> Features:
    column = pa.array(vectors, pa.list_(pa.float32()))
    return Features(
        reads="vector",
        rows={f"key-{row}": row for row in range(len(vectors))},
        there=np.array([vector is not None for vector in vectors]),
        reasons=[""] * len(vectors),
        column=column,
    )


@pytest.mark.parametrize("between", [None, [9.0], [9.0, 9.0], [9.0, 9.0, 9.0]])
def test_vectors_are_those_of_their_keys_whatever_lies_between_them(between):
    stored = features([[1.0, 2.0], between, [3.0, 4.0], [5.0, 6.0]])
    seen = stored.seen([0, 1, 2], ["key-3", "key-0", "key-3"])
    assert seen.each_vector().tolist() == [[5, 6], [1, 2], [5, 6]]
    assert seen.vectors is not None and seen.vectors.tolist() == [[5, 6], [1, 2]]


def test_vectors_of_two_dimensions_are_refused():
    with pytest.raises(HarnessError, match=r"different dimensions \[1, 2\]"):
        features([[1.0, 2.0], [3.0]]).seen([0, 1], ["key-0", "key-1"])
