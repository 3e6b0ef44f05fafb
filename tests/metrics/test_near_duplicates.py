import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.near_duplicates import (
    COSINE,
    HAMMING,
    repeated_by_cosine,
    repeated_by_hamming,
)
from tests.metrics.tables import output_set


def test_cosine_from_the_threshold_on() -> None:
    angles = np.arccos([1.0, 0.96, 0.0])
    x = np.stack([np.cos(angles), np.sin(angles)], axis=1) * [[1], [5], [2]]
    assert repeated_by_cosine(x).tolist() == [True, True, False]
    assert COSINE.measure(output_set(x)).value == pytest.approx(2 / 3)
    assert not repeated_by_cosine(x, alike=0.97).any()


def test_hash_from_the_threshold_on() -> None:
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, size=(3, 64))
    four, five = bits[0].copy(), bits[1].copy()
    four[:4], five[:5] = 1 - four[:4], 1 - five[:5]
    found = repeated_by_hamming(np.vstack([bits, four, five]))
    assert found.tolist() == [True, False, False, True, False]
    assert HAMMING.measure(output_set(np.vstack([bits, four, five]))).value == pytest.approx(0.4)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(2, 40), d=st.integers(1, 70), seed=st.integers(0, 10**6))
def test_hamming_is_the_count_of_differing_bits(n: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 2, size=d)
    bits = np.where(rng.uniform(size=(n, d)) < 0.05, 1 - base, base)
    differing = (bits[:, None] != bits).sum(axis=2) + d * np.eye(n, dtype=int)
    expected = differing.min(axis=1) <= d / 16
    assert repeated_by_hamming(bits).tolist() == expected.tolist()
    order = rng.permutation(n)
    assert repeated_by_hamming(bits[order]).tolist() == expected[order].tolist()


def test_copies_far_apart_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalharness.metrics.nearest.ROWS_AT_ONCE", 7)
    rng = np.random.default_rng(2)
    x = rng.normal(size=(50, 20))
    x[45] = 2 * x[3]
    assert np.flatnonzero(repeated_by_cosine(x)).tolist() == [3, 45]


def test_equal_pictures_are_all_duplicates() -> None:
    assert COSINE.measure(output_set(np.ones((5, 3)))).value == 1.0
    assert HAMMING.measure(output_set(np.zeros((5, 64)))).value == 1.0


def test_bad_input() -> None:
    with pytest.raises(UnmeasurableError, match=r"other numbers than 0 and 1\. Use near_dup"):
        HAMMING.measure(output_set(np.full((3, 4), 0.5)))
    with pytest.raises(UnmeasurableError, match="are zero"):
        COSINE.measure(output_set(np.zeros((3, 4))))
    for metric in (COSINE, HAMMING):
        with pytest.raises(UnmeasurableError, match="Only 1 feature"):
            metric.measure(output_set(np.ones((1, 4))))
        with pytest.raises(UnmeasurableError, match="hold NaN"):
            metric.measure(output_set(np.full((3, 4), np.nan)))
