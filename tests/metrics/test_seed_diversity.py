import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.seed_diversity import METRIC, mean_distances
from tests.metrics.tables import output_set


@settings(max_examples=40, deadline=None)
@given(prompts=st.integers(1, 6), d=st.integers(1, 6), seed=st.integers(0, 10**6))
def test_mean_over_pairs_of_one_prompt(prompts: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    clusters = rng.permutation(np.repeat(np.arange(prompts) * 7, rng.integers(2, 5, prompts)))
    x = rng.normal(size=(len(clusters), d))
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    names, distances = mean_distances(x, clusters)
    assert list(names) == sorted(set(clusters))
    for name, distance in zip(names, distances, strict=True):
        own = unit[clusters == name]
        pairs = [1 - a @ b for i, a in enumerate(own) for b in own[:i]]
        assert distance == pytest.approx(np.mean(pairs), abs=1e-9)
    order = rng.permutation(len(x))
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    again = mean_distances(5 * x[order] @ turn, clusters[order])
    assert again[1] == pytest.approx(distances, abs=1e-9)


def test_every_prompt_counts_once_and_single_outputs_do_not() -> None:
    x = np.array([[1, 0], [0, 1], [1, 0], [1, 0], [1, 0], [1, 1]])
    found = METRIC.measure(output_set(x, clusters=[0, 0, 1, 1, 1, 2]))
    assert found.value == pytest.approx(0.5)
    assert (found.low, found.high) == (None, None)


def test_interval_over_prompts_holds_the_truth() -> None:
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(30), 4)
    held = 0
    for _ in range(200):
        # each prompt has a probability of showing either of two things: 1 − cos is 1 or 0
        share = np.repeat(rng.uniform(size=30), 4)
        other = rng.uniform(size=120) < share
        x = np.stack([other, ~other], axis=1)
        found = METRIC.measure(output_set(x, clusters=clusters))
        # E of 2 p (1 − p) for p uniform
        held += found.low <= 1 / 3 <= found.high
    assert held / 200 >= 0.9


def test_equal_pictures_have_no_diversity() -> None:
    found = METRIC.measure(output_set(np.ones((40, 3)), clusters=np.repeat(np.arange(20), 2)))
    assert found.value == pytest.approx(0.0, abs=1e-12)


def test_bad_input() -> None:
    with pytest.raises(UnmeasurableError, match="No prompt has two outputs"):
        METRIC.measure(output_set(np.ones((5, 3))))
    with pytest.raises(UnmeasurableError, match="are zero"):
        METRIC.measure(output_set(np.zeros((4, 3)), clusters=[0, 0, 1, 1]))
    with pytest.raises(UnmeasurableError, match="Only 1 feature"):
        METRIC.measure(output_set(np.ones((1, 3))))
