import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from evalharness.board.multiple import benjamini_hochberg, holm

PS = st.lists(st.floats(0, 1), max_size=20)


def test_holm_by_hand() -> None:
    # 4 × 0.01, 3 × 0.02, then 2 × 0.03 and 1 × 0.04, each at least the one before
    assert_allclose(holm([0.04, 0.01, 0.03, 0.02]), [0.06, 0.04, 0.06, 0.06])


@given(PS)
def test_benjamini_hochberg_is_scipys(p: list[float]) -> None:
    expected = stats.false_discovery_control(p) if p else np.zeros(0)
    assert_allclose(benjamini_hochberg(p), expected)


@given(PS)
def test_holm_rejects_what_its_steps_reject(p: list[float]) -> None:
    alpha, order = 0.05, np.argsort(p, kind="stable")
    rejected: set[int] = set()
    for step, place in enumerate(order):
        if p[place] > alpha / (len(p) - step):
            break
        rejected.add(int(place))
    found = {int(i) for i in np.flatnonzero(holm(p) <= alpha * (1 + 1e-12))}
    assert found == rejected


def test_what_was_not_tested_does_not_count() -> None:
    assert_allclose(holm([0.02, np.nan, 0.01]), [0.02, np.nan, 0.02])
    assert_allclose(benjamini_hochberg([0.02, np.nan, 0.01]), [0.02, np.nan, 0.02])
