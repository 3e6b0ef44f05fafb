import numpy as np
import pytest

from evalharness.core.nouns import Prompt
from evalharness.core.tables import SetTable
from evalharness.metrics.efficiency import (
    COST,
    ENERGY,
    LATENCY,
    PEAK_MEMORY,
    THROUGHPUT,
    outputs_per_second,
)
from evalharness.metrics.features import UnmeasurableError
from tests.metrics.tables import outputs


def test_latency_and_memory_are_columns_in_seconds_and_gib() -> None:
    table = outputs(
        [Prompt("a", "A"), Prompt("b", "B")],
        duration_s=[1.5, np.nan],
        batch_size=[4.0, np.nan],
        peak_memory_bytes=[3 * 2.0**30, np.nan],
    )
    np.testing.assert_array_equal(LATENCY.measure(table), [1.5, np.nan])
    np.testing.assert_array_equal(PEAK_MEMORY.measure(table), [3.0, np.nan])


def test_energy_and_cost_are_columns_and_unknown_where_nobody_counted() -> None:
    table = outputs([Prompt("a", "A"), Prompt("b", "B")], energy_j=[80.0, np.nan], cost=[np.nan, 2])
    np.testing.assert_array_equal(ENERGY.measure(table), [80.0, np.nan])
    np.testing.assert_array_equal(COST.measure(table), [np.nan, 2.0])


def test_throughput_counts_each_batch_once() -> None:
    # A batch of 4 in 2 s and a single one in 1 s: 5 outputs in 3 busy seconds.
    duration, batch = np.array([2.0] * 4 + [1.0]), np.array([4.0] * 4 + [1.0])
    prompts = [Prompt(name, name) for name in "abcde"]
    table = outputs(prompts, duration_s=duration, batch_size=batch)
    found = THROUGHPUT.measure(SetTable(table, np.arange(5)))
    assert found.value == pytest.approx(5 / 3)
    assert (found.low, found.high) == (None, None)
    assert THROUGHPUT.minimum_n(0) == 1


def test_unknown_durations_are_left_out() -> None:
    assert outputs_per_second(np.array([2.0, np.nan]), np.array([1.0, 1.0])) == 0.5


@pytest.mark.parametrize(
    ("duration", "batch"),
    [([np.nan], [1.0]), ([-1.0], [1.0]), ([0.0], [1.0]), ([1.0], [0.0]), ([], [])],
)
def test_wrong_timings_are_refused(duration: list[float], batch: list[float]) -> None:
    with pytest.raises(UnmeasurableError):
        outputs_per_second(np.array(duration), np.array(batch))
