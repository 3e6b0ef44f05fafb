import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance_nd

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.mind import METRIC, mind, minimum_n
from tests.metrics.tables import output_set, set_a


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0])
def test_a_shift_reads_three_d_times_its_square(shift: float) -> None:
    rng = np.random.default_rng(1)
    d = 32
    x, y = rng.normal(size=(2048, d)), rng.normal(size=(2048, d)) + shift
    assert mind(x, y) == pytest.approx(3 * d * shift**2, rel=0.1)


def test_one_dimension_is_the_wasserstein_distance() -> None:
    # in one dimension the squared distance of equally many points is that of the sorted ones
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(30, 1)), rng.normal(size=(30, 1)) * 2 + 1
    gaps = np.sort(x[:, 0]) - np.sort(y[:, 0])
    assert mind(x, y) == pytest.approx(3 * np.square(gaps).mean(), abs=1e-9)
    assert np.abs(gaps).mean() == pytest.approx(wasserstein_distance_nd(x, y), abs=1e-9)


def test_sizes_that_differ_are_compared_by_their_whole_distribution() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(12, 4)), rng.normal(size=(8, 4))
    # every row repeated leaves the distribution as it was; 24 rows each are compared in pairs
    assert mind(x, y) == pytest.approx(mind(np.repeat(x, 2, 0), np.repeat(y, 3, 0)), abs=1e-9)
    assert mind(x, np.repeat(x, 3, 0)) == pytest.approx(0.0, abs=1e-12)


def test_another_choice_of_directions_moves_it_little() -> None:
    x, y = set_a()
    assert mind(x, y, seed=1) == pytest.approx(mind(x, y), rel=0.05)


@settings(max_examples=15, deadline=None)
@given(n=st.integers(2, 20), m=st.integers(2, 20), d=st.integers(1, 6), seed=st.integers(0, 10**6))
def test_a_distance(n: int, m: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d)) + 0.5
    value = mind(x, y)
    assert value > 0.0
    assert mind(y, x) == pytest.approx(value, abs=1e-9)
    assert mind(x, x) == 0.0
    assert mind(rng.permutation(x), y) == pytest.approx(value, abs=1e-9)
    assert mind(x + 3, y + 3) == pytest.approx(value, abs=1e-9)
    assert mind(2 * x, 2 * y) == pytest.approx(4 * value, abs=1e-9)


def test_metric_and_bad_input() -> None:
    x, y = set_a()
    found = METRIC.measure(output_set(x, y))
    assert (found.low, found.high) == (None, None)
    assert found.value == pytest.approx(mind(x, y), rel=1e-6)
    with pytest.raises(UnmeasurableError, match="All reference features are equal"):
        METRIC.measure(output_set(x, np.ones_like(y)))
    with pytest.raises(UnmeasurableError, match="16 dimensions and the reference's 4"):
        mind(x, y[:, :4])
    with pytest.raises(UnmeasurableError, match="hold NaN"):
        mind(x, np.where(y > 2, np.nan, y))
    with pytest.raises(UnmeasurableError, match="Only 1 feature"):
        mind(x[:1], y)
    assert minimum_n(2048) == 64
