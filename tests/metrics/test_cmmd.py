import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalharness.metrics.cmmd import METRIC, cmmd, minimum_n
from evalharness.metrics.features import UnmeasurableError
from tests.metrics.tables import output_set, set_a


def by_the_formula(x: np.ndarray, y: np.ndarray) -> float:
    x, y = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (x, y))

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        squares = ((a[:, None] - b) ** 2).sum(axis=2)
        return float(np.exp(-squares / (2 * 10**2)).mean())

    return 1000 * (kernel(x, x) + kernel(y, y) - 2 * kernel(x, y))


def test_golden_value() -> None:
    assert cmmd(*set_a()) == pytest.approx(1.0924196817, abs=1e-9)


def test_blocks_of_rows_do_not_change_the_value() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(1100, 3)), rng.normal(size=(60, 3)) + 1
    assert cmmd(x, y) == pytest.approx(by_the_formula(x, y), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(2, 30), m=st.integers(2, 30), d=st.integers(2, 8), seed=st.integers(0, 10**6))
def test_a_distance(n: int, m: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d)) + 0.5
    value = cmmd(x, y)
    assert value == pytest.approx(by_the_formula(x, y), abs=1e-8)
    assert cmmd(y, x) == pytest.approx(value, abs=1e-9)
    assert cmmd(x, x) == pytest.approx(0.0, abs=1e-9)
    assert cmmd(rng.permutation(x), y) == pytest.approx(value, abs=1e-9)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    assert cmmd(7 * x @ turn, y @ turn) == pytest.approx(value, abs=1e-9)


def test_metric_and_bad_input() -> None:
    x, y = set_a()
    assert METRIC.measure(output_set(x, y)).value == pytest.approx(1.09242, abs=1e-4)
    with pytest.raises(UnmeasurableError, match="All reference features are equal"):
        METRIC.measure(output_set(x, np.ones_like(y)))
    with pytest.raises(UnmeasurableError, match="2 of 3 features of the outputs are zero"):
        cmmd(np.array([[0, 0], [1, 0], [0, 0]]), x[:, :2])
    with pytest.raises(UnmeasurableError, match="16 dimensions and the reference's 4"):
        cmmd(x, y[:, :4])
    with pytest.raises(UnmeasurableError, match="hold NaN"):
        cmmd(x * np.nan, y)
    with pytest.raises(UnmeasurableError, match="Only 1 feature of the reference"):
        cmmd(x, y[:1])
    assert minimum_n(768) == 64
