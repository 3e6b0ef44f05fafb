import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.image.mifid import MemorizationInformedFrechetInceptionDistance

from evalharness.core.measures import SetMetric
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.fid import frechet_distance
from evalharness.metrics.memorisation import (
    AUTHENTICITY,
    COPIES,
    MIFID,
    SIMILARITY,
    authentic,
    copied,
    mifid,
)
from tests.metrics.tables import output_set, set_a


class Passthrough(torch.nn.Module):
    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.flatten(1)


def torchmetrics_mifid(x: np.ndarray, y: np.ndarray) -> float:
    metric = MemorizationInformedFrechetInceptionDistance(feature=Passthrough(), normalize=True)
    # torchmetrics asks for every reference picture which output is nearest, the paper for every
    # output which reference picture is; FID being symmetric, swapped sets give the paper's number
    metric.update(torch.from_numpy(x), real=True)
    metric.update(torch.from_numpy(y), real=False)
    return float(metric.compute())


def partly_copied(share: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    reference, outputs = rng.normal(size=(400, 16)), rng.normal(size=(200, 16))
    copies = int(share * 200)
    outputs[:copies] = reference[:copies]
    return outputs, reference


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_copies_are_counted(share: float) -> None:
    outputs, reference = partly_copied(share)
    assert copied(2 * outputs, reference).mean() == share
    found = COPIES.measure(output_set(outputs, reference))
    assert found.value == share
    assert found.low is not None and found.high is not None
    assert 0.0 <= found.low <= share <= found.high <= 1.0
    assert found.low < found.high


def test_authenticity_of_new_draws_and_of_copies() -> None:
    outputs, reference = partly_copied(0.0)
    assert 0.5 <= AUTHENTICITY.measure(output_set(outputs, reference)).value <= 0.8
    copies, reference = partly_copied(1.0)
    assert AUTHENTICITY.measure(output_set(copies, reference)).value == 0.0
    assert AUTHENTICITY.measure(output_set(copies + 50, reference)).value == 1.0


def test_similarity_grows_with_copies() -> None:
    values = [
        SIMILARITY.measure(output_set(*partly_copied(share))).value for share in (0.0, 0.5, 1.0)
    ]
    assert values == sorted(values)
    assert values[-1] == pytest.approx(1.0, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 25), m=st.integers(2, 25), d=st.integers(1, 5), seed=st.integers(0, 10**6))
def test_authenticity_is_that_of_the_definition(n: int, m: int, d: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d))
    between = np.linalg.norm(x[:, None] - y, axis=2)
    within = np.linalg.norm(y[:, None] - y, axis=2) + np.diag(np.full(m, np.inf))
    nearest = between.argmin(axis=1)
    expected = between.min(axis=1) > within.min(axis=1)[nearest]
    assert authentic(x, y).tolist() == expected.tolist()
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    again = authentic(x @ turn + 9, rng.permutation(y) @ turn + 9)
    assert again.tolist() == expected.tolist()


def test_mifid_equals_torchmetrics() -> None:
    rng = np.random.default_rng(2)
    # positive features, as Inception's are, lie close together
    y = np.abs(rng.normal(size=(150, 12)))
    near = np.abs(y[:100] + 0.1 * rng.normal(size=(100, 12)))
    assert mifid(near, y) == pytest.approx(torchmetrics_mifid(near, y), rel=1e-4)
    assert mifid(near, y) > 10 * frechet_distance(near, y)
    far = rng.normal(size=(100, 12))
    assert mifid(far, y) == pytest.approx(torchmetrics_mifid(far, y), rel=1e-4)
    assert mifid(far, y) == frechet_distance(far, y)


def test_mifid_needs_what_fid_needs() -> None:
    x, y = set_a()
    assert MIFID.measure(output_set(x, y)).value == pytest.approx(mifid(x, y), rel=1e-5)
    with pytest.raises(UnmeasurableError, match="needs at least 128"):
        MIFID.measure(output_set(x, y[:127]))
    with pytest.raises(UnmeasurableError, match="Every output is a copy"):
        MIFID.measure(output_set(y, y))


@pytest.mark.parametrize("metric", [COPIES, SIMILARITY, AUTHENTICITY, MIFID])
def test_bad_input(metric: SetMetric) -> None:
    x, y = set_a()
    with pytest.raises(UnmeasurableError, match="All reference features are equal"):
        metric.measure(output_set(x, np.ones_like(y)))
    with pytest.raises(UnmeasurableError, match="16 dimensions and the reference's 8"):
        metric.measure(output_set(x, y[:, :8]))
    with pytest.raises(UnmeasurableError, match="hold NaN"):
        metric.measure(output_set(x * np.nan, y))
    with pytest.raises(UnmeasurableError, match="Only 1 feature of the outputs"):
        metric.measure(output_set(x[:1], y))
