import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_fidelity.metric_isc import isc_features_to_metric

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.inception_score import METRIC, enough_for, inception_score, minimum_n
from tests.metrics.tables import output_set


def sharp(classes: int, n: int) -> np.ndarray:
    """Logits of n pictures that clearly show one of the classes each."""
    return 1000.0 * np.eye(classes)[np.arange(n) % classes]


def test_equals_torch_fidelity() -> None:
    rng = np.random.default_rng(1)
    logits = 3 * rng.normal(size=(203, 24))
    theirs = isc_features_to_metric(torch.from_numpy(logits))
    mean, std = inception_score(logits)
    assert mean == pytest.approx(theirs["inception_score_mean"], abs=1e-9)
    assert std == pytest.approx(theirs["inception_score_std"], abs=1e-9)


def test_deviation_has_ddof_0() -> None:
    logits = 3 * np.random.default_rng(2).normal(size=(40, 6))
    order = np.random.RandomState(2020).permutation(40)
    halves = [inception_score(logits[half], splits=1)[0] for half in (order[:20], order[20:])]
    mean, std = inception_score(logits, splits=2)
    assert mean == pytest.approx(np.mean(halves), abs=1e-9)
    assert std == pytest.approx(abs(halves[0] - halves[1]) / 2, abs=1e-9)


def test_bounds() -> None:
    assert inception_score(np.zeros((40, 7))) == pytest.approx((1.0, 0.0))
    mean, _ = inception_score(sharp(5, 5000))
    assert mean == pytest.approx(5.0, rel=0.01)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(20, 60), classes=st.integers(2, 9), seed=st.integers(0, 10**6))
def test_between_one_and_the_number_of_classes(n: int, classes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits = 5 * rng.normal(size=(n, classes))
    mean, _ = inception_score(logits)
    assert 1.0 <= mean <= classes
    assert inception_score(logits + 100.0)[0] == pytest.approx(mean, abs=1e-9)
    named_otherwise = logits[:, rng.permutation(classes)]
    assert inception_score(named_otherwise)[0] == pytest.approx(mean, abs=1e-9)


def test_few_outputs_of_many_classes_are_refused() -> None:
    assert METRIC.measure(output_set(sharp(5, 600))).value == pytest.approx(5.0, rel=0.1)
    with pytest.raises(UnmeasurableError, match="bias downwards by more than a tenth; it takes"):
        METRIC.measure(output_set(sharp(100, 600)))


def test_what_is_shown_is_biased_by_at_most_a_tenth() -> None:
    rng = np.random.default_rng(3)
    for classes in (4, 20, 40):
        for n in (500, 1000, 2000):
            logits = 1000.0 * np.eye(classes)[rng.integers(classes, size=n)]
            score, _ = inception_score(logits)
            if n >= enough_for(score):
                assert score == pytest.approx(classes, rel=0.12)


def test_bad_input() -> None:
    with pytest.raises(UnmeasurableError, match="19 outputs cannot make 10 splits"):
        inception_score(np.zeros((19, 3)))
    with pytest.raises(UnmeasurableError, match="hold NaN"):
        inception_score(np.full((40, 3), np.nan))
    assert minimum_n(1008) == 500
