import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torchmetrics.image.fid import FrechetInceptionDistance

from evalharness.core.tables import Moments
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.fid import (
    METRIC,
    frechet_distance,
    frechet_distance_of_moments,
    minimum_n,
    trace_by_covariance,
    trace_by_gram,
)
from evalharness.metrics.moments import moments_of
from tests.metrics.tables import OnlyMoments, against, output_set, set_a


class Passthrough(torch.nn.Module):
    """Stands for the network where the pictures are the features already."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.flatten(1)


def torch_fidelity(x: np.ndarray, y: np.ndarray) -> float:
    stats = [fid_features_to_statistics(torch.from_numpy(s)) for s in (x, y)]
    return float(fid_statistics_to_metric(*stats, verbose=False)["frechet_inception_distance"])


def torchmetrics_class(x: np.ndarray, y: np.ndarray) -> float:
    # With `normalize`, a network of one's own is handed floats as they are.
    metric = FrechetInceptionDistance(
        feature=Passthrough(), normalize=True, input_img_size=(1, 1, x.shape[1])
    )
    metric.update(torch.from_numpy(x), real=False)
    metric.update(torch.from_numpy(y), real=True)
    return float(metric.compute())


def test_golden_value() -> None:
    assert frechet_distance(*set_a()) == pytest.approx(8.582170700899681, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "d", "seed", "value"),
    [
        (4, 4, 1, 4.753837617472013),
        (16, 4, 2023, 2.184050334442232),
        (512, 64, 2023, 4.448075263490765),
    ],
)
def test_golden_values_of_two_draws(n: int, d: int, seed: int, value: float) -> None:
    # with 4 pictures in 4 dimensions the covariances are singular, where naive roots give NaN
    rng = np.random.RandomState(seed)
    x, y = rng.randn(n, d), rng.randn(n, d)
    assert frechet_distance(x, y) == pytest.approx(value, abs=1e-6)
    assert frechet_distance_of_moments(
        moments_of(x, "the outputs"), moments_of(y, "the reference")
    ) == pytest.approx(value, abs=1e-5)


def test_equals_torch_fidelity_and_torchmetrics_class() -> None:
    rng = np.random.default_rng(1)
    mix = rng.normal(size=(24, 24))
    for n, m in ((300, 200), (25, 400), (20, 10)):
        x = rng.normal(size=(n, 24)) @ mix
        y = 0.7 * rng.normal(size=(m, 24)) @ mix + 0.3
        ours = frechet_distance(x, y)
        assert ours == pytest.approx(torch_fidelity(x, y), abs=1e-4)
        assert ours == pytest.approx(torchmetrics_class(x, y), abs=1e-4)


def test_analytic_distance_of_two_gaussians() -> None:
    # Whitened draws have exactly these moments, so the closed form holds without sampling error.
    rng = np.random.default_rng(2)
    raw = rng.normal(size=(200, 8))
    raw -= raw.mean(0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T))).T
    scale = np.linspace(0.5, 2.0, 8)
    expected = np.sum((scale - 1.0) ** 2) + 8 * 0.25
    assert frechet_distance(white, white * scale + 0.5) == pytest.approx(expected, abs=1e-9)


def test_bias_of_two_equal_draws_is_what_minimum_n_says() -> None:
    rng = np.random.default_rng(3)
    d = 64
    n = minimum_n(d)
    values = [frechet_distance(rng.normal(size=(n, d)), rng.normal(size=(n, d))) for _ in range(5)]
    assert np.mean(values) == pytest.approx(d**2 / (2 * n), rel=0.2)


def test_minimum_n() -> None:
    assert (minimum_n(2048), minimum_n(64), minimum_n(2)) == (8192, 256, 128)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(2, 40), m=st.integers(2, 40), d=st.integers(1, 30), seed=st.integers(0, 2**32 - 1)
)
def test_gram_form_equals_covariance_form(n: int, m: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(n, d)), rng.normal(size=(m, d))
    size = np.linalg.norm(a) * np.linalg.norm(b)
    assert trace_by_gram(a, b) == pytest.approx(
        trace_by_covariance(a.T @ a, b.T @ b), abs=1e-6 * size
    )


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(2, 40), m=st.integers(2, 40), d=st.integers(1, 30), seed=st.integers(0, 2**32 - 1)
)
def test_a_distance(n: int, m: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d)) * 2 + 1
    value = frechet_distance(x, y)
    assert value >= 0.0
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-5)
    assert frechet_distance(y, x) == pytest.approx(value, abs=1e-5)
    assert frechet_distance(rng.permutation(x), y) == pytest.approx(value, abs=1e-5)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    assert frechet_distance(x @ turn, y @ turn) == pytest.approx(value, abs=1e-5)


def test_constant_feature_is_no_problem() -> None:
    x, y = set_a()
    x, y = np.column_stack([x, np.zeros(500)]), np.column_stack([y, np.zeros(500)])
    assert frechet_distance(x, y) == pytest.approx(8.582170700899681, abs=1e-6)


def test_outputs_that_are_all_equal_keep_their_true_distance() -> None:
    _, y = set_a()
    x = np.ones((500, 16))
    expected = np.sum((y.mean(0) - 1) ** 2) + np.trace(np.cov(y.T))
    assert frechet_distance(x, y) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.ones((1, 4)), np.ones((5, 4)), "Only 1 feature of the outputs"),
        (np.ones((5, 4)), np.ones((5, 3)), "4 dimensions and the reference's 3"),
        (np.full((5, 4), np.nan), np.ones((5, 4)), "5 of 5 features of the outputs"),
        (np.ones((5, 4)), np.full((5, 4), np.inf), "features of the reference hold NaN"),
        (np.ones(5), np.ones((5, 4)), r"shape \(5,\)"),
    ],
)
def test_bad_features_are_refused(x: np.ndarray, y: np.ndarray, message: str) -> None:
    with pytest.raises(UnmeasurableError, match=message):
        frechet_distance(x, y)


def test_metric_reads_the_table_and_checks_the_reference() -> None:
    x, y = set_a()
    assert METRIC.measure(output_set(x, y)).value == pytest.approx(8.58217, abs=1e-4)
    with pytest.raises(UnmeasurableError, match="needs at least 128"):
        METRIC.measure(output_set(x, y[:127]))
    with pytest.raises(UnmeasurableError, match="All reference features are equal"):
        METRIC.measure(output_set(x, np.ones_like(y)))


def test_published_moments_serve_as_reference() -> None:
    x, y = set_a()
    table = output_set(x, y)
    found = METRIC.measure(against(table, OnlyMoments(moments_of(y, "it"))))
    assert found.value == pytest.approx(METRIC.measure(table).value, abs=1e-5)
    without_n = Moments(y.mean(0), np.cov(y.T), None)
    assert METRIC.measure(against(table, OnlyMoments(without_n))).value == pytest.approx(
        8.58217, abs=1e-4
    )


def broken(**changes: np.ndarray) -> OnlyMoments:
    _, y = set_a()
    return OnlyMoments(Moments(**{"mean": y.mean(0), "covariance": np.cov(y.T), **changes}, n=500))


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (broken(covariance=np.eye(15)), r"shapes \(16,\) and \(15, 15\)"),
        (broken(covariance=np.full((16, 16), np.nan)), "hold NaN"),
        (broken(mean=np.full(16, np.inf)), "hold NaN or infinity"),
        (broken(covariance=np.tri(16)), "not symmetric"),
        (broken(covariance=-np.eye(16)), "negative variance"),
        (broken(covariance=np.zeros((16, 16))), "All reference features are equal"),
        (broken(mean=np.ones(8), covariance=np.eye(8)), "16 dimensions and the reference's 8"),
    ],
)
def test_bad_moments_are_refused(reference: OnlyMoments, message: str) -> None:
    x, y = set_a()
    with pytest.raises(UnmeasurableError, match=message):
        METRIC.measure(against(output_set(x, y), reference))
