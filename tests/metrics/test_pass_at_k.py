from itertools import combinations

import numpy as np
import pytest

from evalharness.catalog import registry
from evalharness.core.measures import SetMetric
from evalharness.core.tables import SetTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.intervals import with_interval
from evalharness.metrics.pass_at_k import pass_at_k, pass_at_k_of
from tests.metrics.tables import outputs, scalars
from tests.metrics.text.answered import prompt


@pytest.mark.parametrize(("n", "c", "k"), [(5, 2, 3), (6, 0, 2), (6, 6, 1), (7, 1, 7), (8, 3, 5)])
def test_the_estimate_is_the_share_of_all_draws_of_k(n: int, c: int, k: int) -> None:
    draws = list(combinations(range(n), k))
    hits = sum(any(one < c for one in draw) for draw in draws)
    assert pass_at_k([n], [c], k)[0] == pytest.approx(hits / len(draws))


def test_large_n_does_not_overflow() -> None:
    assert pass_at_k([100_000], [1], 10)[0] == pytest.approx(1e-4)


def test_prompts_with_too_few_programs_are_left_out() -> None:
    passed = [1, 0, 1, 0, 0, 1]
    clusters = np.array([0, 0, 0, 1, 1, 2])
    assert pass_at_k_of(passed, clusters, 2).value == pytest.approx((1.0 + 0.0) / 2)
    assert pass_at_k_of(passed, clusters, 3).value == 1.0
    with pytest.raises(UnmeasurableError, match=r"No prompt has 10 programs \(the most is 3\)"):
        pass_at_k_of(passed, clusters, 10)


def test_the_interval_is_over_prompts() -> None:
    clusters = np.repeat(np.arange(12), 4)
    passed = np.tile([1, 0, 0, 1, 1, 1, 0, 0], 6)
    found = with_interval(pass_at_k_of(passed, clusters, 1), "in 0…1")
    assert found.value == 0.5
    varied = np.where(clusters % 3 == 0, 1, passed)
    wide = with_interval(pass_at_k_of(varied, clusters, 1), "in 0…1")
    assert wide.low is not None and wide.high is not None
    assert wide.low < wide.value < wide.high


def test_the_metric_reads_what_programs_did() -> None:
    metric = registry.metric("pass_at_k.1")
    assert isinstance(metric, SetMetric)
    asked = prompt(code={"tests": "pass", "entry_point": "f"})
    seen = {"exchange": scalars([1.0, 0.0])}
    table = outputs([asked, asked], texts=["a", "b"], seeds=[0, 1], seen=seen)
    assert metric.measure(SetTable(table, np.array([0, 0]))).value == 0.5
