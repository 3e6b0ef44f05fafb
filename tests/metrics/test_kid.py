import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_fidelity.metric_kid import kid_features_to_metric
from torchmetrics.image.kid import KernelInceptionDistance

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.kid import METRIC, kid, kid_subsets, minimum_n, mmd2, polynomial_kernel
from tests.metrics.tables import output_set, set_a


class Passthrough(torch.nn.Module):
    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.flatten(1)


def torch_fidelity(x: np.ndarray, y: np.ndarray, subsets: int, size: int) -> tuple[float, float]:
    found = kid_features_to_metric(
        torch.from_numpy(x),
        torch.from_numpy(y),
        kid_subsets=subsets,
        kid_subset_size=size,
        rng_seed=2020,
        verbose=False,
    )
    return tuple(found[f"kernel_inception_distance_{k}"] for k in ("mean", "std"))


def population_mmd2(shift: np.ndarray, noise: float) -> float:
    """Closed form for N(shift, noise²) against N(0, 1): third moments of x·y are Gaussian sums."""
    d = len(shift)

    def mean_kernel(mu_x: np.ndarray, s: float, mu_y: np.ndarray, t: float) -> float:
        dot, xx, yy = mu_x @ mu_y, mu_x @ mu_x, mu_y @ mu_y
        # u = x·y with x = mu_x + s·e, y = mu_y + t·f.
        second = dot**2 + t**2 * xx + s**2 * yy + d * s**2 * t**2
        third = dot**3 + 3 * dot * (t**2 * xx + s**2 * yy + d * s**2 * t**2) + 6 * s**2 * t**2 * dot
        return float(third / d**3 + 3 * second / d**2 + 3 * dot / d + 1)

    zero = np.zeros(d)
    return (
        mean_kernel(shift, noise, shift, noise)
        + mean_kernel(zero, 1, zero, 1)
        - 2 * mean_kernel(shift, noise, zero, 1)
    )


def test_golden_values() -> None:
    x, y = set_a()
    assert mmd2(x, y) == pytest.approx(1.6612944857, abs=1e-9)
    mean, std = kid_subsets(x, y, subsets=100, size=100)
    assert mean == pytest.approx(1.661878977556106, abs=1e-9)
    assert std == pytest.approx(0.26264535844415554, abs=1e-9)


def test_golden_values_of_the_other_estimators_say_which_one_ours_is() -> None:
    x, y = set_a()
    xx, yy, xy = polynomial_kernel(x, x), polynomial_kernel(y, y), polynomial_kernel(x, y)
    biased = xx.mean() + yy.mean() - 2 * xy.mean()
    assert biased == pytest.approx(1.7690723568, abs=1e-9)
    pairs = xx + yy - xy - xy.T
    assert (pairs.sum() - np.trace(pairs)) / (500 * 499) == pytest.approx(1.6613660683, abs=1e-9)


def test_equals_torch_fidelity() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(120, 32)).astype(np.float32)
    y = (1.3 * rng.normal(size=(150, 32)) + 0.2).astype(np.float32)
    assert kid_subsets(x, y, subsets=20, size=60) == pytest.approx(
        torch_fidelity(x, y, 20, 60), abs=1e-4
    )
    assert METRIC.measure(output_set(x, y[:120])).value == pytest.approx(
        torch_fidelity(x, y[:120], 1, 120)[0], abs=1e-4
    )


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance` will save:UserWarning")
def test_equals_torchmetrics_class() -> None:
    x, y = set_a()
    x, y = x[:90].astype(np.float32), y[:90].astype(np.float32)
    # Subsets as large as the sets leave nothing to chance, so that both must agree.
    metric = KernelInceptionDistance(feature=Passthrough(), subsets=3, subset_size=90)
    metric.update(torch.from_numpy(x), real=False)
    metric.update(torch.from_numpy(y), real=True)
    mean, _ = metric.compute()
    assert mmd2(x, y) == pytest.approx(float(mean), abs=1e-4)
    assert kid_subsets(x, y, subsets=3, size=90)[0] == pytest.approx(float(mean), abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(
    prompts=st.integers(3, 8), seeds=st.integers(1, 4), m=st.integers(3, 20), d=st.integers(1, 8)
)
def test_value_is_the_mean_over_pairs_of_different_prompts(
    prompts: int, seeds: int, m: int, d: int
) -> None:
    rng = np.random.default_rng(prompts * 1000 + seeds * 100 + m * 10 + d)
    clusters = rng.permutation(np.repeat(np.arange(prompts), seeds))
    x, y = rng.normal(size=(len(clusters), d)), rng.normal(size=(m, d))

    def k(a: np.ndarray, b: np.ndarray) -> float:
        return float((a @ b / d + 1) ** 3)

    n = len(x)
    xx = [k(x[i], x[j]) for i in range(n) for j in range(n) if clusters[i] != clusters[j]]
    yy = [k(y[i], y[j]) for i in range(m) for j in range(m) if i != j]
    xy = [k(a, b) for a in x for b in y]
    expected = np.mean(xx) + np.mean(yy) - 2 * np.mean(xy)
    assert kid(x, y, clusters).value == pytest.approx(expected, abs=1e-9)


def test_blocks_of_rows_do_not_change_the_value() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(1500, 3)), rng.normal(size=(1100, 3))
    gram_x, gram_y = (x @ x.T / 3 + 1) ** 3, (y @ y.T / 3 + 1) ** 3
    np.fill_diagonal(gram_x, 0)
    np.fill_diagonal(gram_y, 0)
    expected = gram_x.sum() / (1500 * 1499) + gram_y.sum() / (1100 * 1099)
    expected -= 2 * ((x @ y.T / 3 + 1) ** 3).mean()
    assert mmd2(x, y) == pytest.approx(expected, abs=1e-9)


def jackknife_by_hand(x: np.ndarray, y: np.ndarray, clusters: np.ndarray) -> float:
    by_prompt = np.array(
        [kid(x[clusters != c], y, clusters[clusters != c]).value for c in np.unique(clusters)]
    )
    by_picture = np.array([kid(x, np.delete(y, j, axis=0), clusters).value for j in range(len(y))])
    return sum(
        float((len(v) - 1) / len(v) * np.sum((v - v.mean()) ** 2)) for v in (by_prompt, by_picture)
    )


def test_interval_is_the_jackknife_over_prompts_and_pictures() -> None:
    rng = np.random.default_rng(6)
    clusters = np.repeat(np.arange(12), 3)
    x, y = rng.normal(size=(36, 5)) + 1, rng.normal(size=(20, 5))
    found = kid(x, y, clusters)
    assert found.low is not None and found.high is not None
    reach = 2.2009851600916384 * jackknife_by_hand(x, y, clusters) ** 0.5
    assert (found.high - found.low) / 2 == pytest.approx(reach, rel=1e-9)
    assert (found.high + found.low) / 2 == pytest.approx(found.value, abs=1e-12)


def coverage(shift: float, rounds: int = 200) -> tuple[float, float]:
    """How often the interval holds the truth, and the mean error, with 3 like seeds a prompt."""
    rng = np.random.default_rng(7)
    d, prompts, seeds = 6, 40, 3
    centre = np.full(d, shift)
    truth = population_mmd2(centre, np.sqrt(0.7 + 0.3))
    clusters = np.repeat(np.arange(prompts), seeds)
    held, errors = 0, []
    for _ in range(rounds):
        themes = np.repeat(rng.normal(size=(prompts, d)) * np.sqrt(0.7), seeds, axis=0)
        x = centre + themes + rng.normal(size=(prompts * seeds, d)) * np.sqrt(0.3)
        found = kid(x, rng.normal(size=(80, d)), clusters)
        held += found.low <= truth <= found.high
        errors.append(found.value - truth)
    return held / rounds, float(np.mean(errors) / (np.std(errors) / rounds**0.5))


@pytest.mark.parametrize("shift", [0.0, 0.6])
def test_interval_holds_the_truth_and_the_value_is_unbiased(shift: float) -> None:
    share, z = coverage(shift)
    assert share >= 0.92
    assert abs(z) < 3.5


def test_no_interval_from_few_prompts() -> None:
    rng = np.random.default_rng(8)
    found = kid(rng.normal(size=(36, 4)), rng.normal(size=(40, 4)), np.repeat(np.arange(9), 4))
    assert (found.low, found.high) == (None, None)


def test_degenerate_sets_are_refused() -> None:
    x, y = set_a()
    with pytest.raises(UnmeasurableError, match="All outputs answer one prompt"):
        kid(x, y, np.zeros(500, dtype=np.int64))
    with pytest.raises(UnmeasurableError, match="3 prompts were named for 500"):
        kid(x, y, np.arange(3))
    with pytest.raises(UnmeasurableError, match="16 dimensions and the reference's 8"):
        mmd2(x, y[:, :8])
    with pytest.raises(UnmeasurableError, match="hold NaN"):
        mmd2(np.where(x > 3, np.nan, x), y)
    with pytest.raises(UnmeasurableError, match="subsets of 1000"):
        kid_subsets(x, y)
    with pytest.raises(UnmeasurableError, match="All reference features are equal"):
        METRIC.measure(output_set(x, np.ones_like(y)))
    assert minimum_n(2048) == 32
