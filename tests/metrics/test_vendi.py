import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.vendi import METRIC, minimum_n, vendi_of_kernel, vendi_score
from tests.metrics.tables import output_set, set_a


def test_golden_values() -> None:
    places = np.array([0, 0, 10, 10, 20, 20])
    kernel = np.exp(-np.abs(places[:, None] - places))
    assert vendi_of_kernel(kernel, 6) == pytest.approx(2.9999999959, abs=1e-9)
    kernel = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert vendi_of_kernel(kernel, 3) == pytest.approx(2.1573004834, abs=1e-9)
    x, _ = set_a()
    assert vendi_score(x) == pytest.approx(15.7653774495, abs=1e-9)
    assert vendi_score(x, order=2) == pytest.approx(15.5491991221, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(2, 30), d=st.integers(1, 30), seed=st.integers(0, 10**6))
def test_an_effective_number(n: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    value = vendi_score(x)
    assert 1.0 - 1e-9 <= value <= min(n, d) + 1e-9
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    for form in (unit @ unit.T, unit.T @ unit):
        assert vendi_of_kernel(form, n) == pytest.approx(value, abs=1e-7)
    assert vendi_score(rng.permutation(x)) == pytest.approx(value, abs=1e-7)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    assert vendi_score(3 * x @ turn) == pytest.approx(value, abs=1e-7)
    assert vendi_score(np.repeat(x, 2, axis=0)) == pytest.approx(value, abs=1e-7)


def test_counts_what_is_different() -> None:
    assert vendi_score(np.ones((5, 3))) == pytest.approx(1.0)
    assert vendi_score(np.repeat(np.eye(4), 3, axis=0)) == pytest.approx(4.0)


def test_metric_and_bad_input() -> None:
    x, _ = set_a()
    assert METRIC.measure(output_set(x)).value == pytest.approx(15.765377, abs=1e-4)
    with pytest.raises(UnmeasurableError, match="1 of 5 features of the outputs are zero"):
        vendi_score(np.vstack([np.zeros(3), np.ones((4, 3))]))
    with pytest.raises(UnmeasurableError, match="hold NaN"):
        vendi_score(np.full((4, 3), np.nan))
    with pytest.raises(UnmeasurableError, match="Only 1 feature"):
        vendi_score(np.ones((1, 3)))
    with pytest.raises(UnmeasurableError, match="trace 8; expected 4"):
        vendi_of_kernel(2 * np.eye(4), 4)
    assert minimum_n(768) == 64
