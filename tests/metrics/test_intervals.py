import numpy as np
import pytest

from evalharness.board.statistics import interval_of_sums
from evalharness.metrics.intervals import mean_over_prompts


@pytest.mark.parametrize("share", [False, True])
def test_equals_the_board_s_interval(share: bool) -> None:
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(20), rng.integers(1, 5, 20))
    values = rng.integers(0, 2, len(clusters)).astype(float)
    for x in (values, np.zeros_like(values), np.ones_like(values)):
        sums, counts = np.bincount(clusters, x), np.bincount(clusters)
        theirs = interval_of_sums(sums, counts, share=share)
        found = mean_over_prompts(x, clusters * 3, share=share)
        assert (found.value, found.low, found.high) == pytest.approx(theirs[:3], abs=1e-12)


def test_no_interval_from_few_prompts() -> None:
    found = mean_over_prompts(np.arange(18.0), np.repeat(np.arange(9), 2))
    assert (found.value, found.low, found.high) == (8.5, None, None)
