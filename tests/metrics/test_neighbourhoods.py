import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_fidelity.metric_prc import calculate_precision_recall_full

from evalharness.catalog import registry
from evalharness.metrics import neighbourhoods as module
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.neighbourhoods import (
    PRDC,
    PRECISION_RECALL,
    Convention,
    Neighbourhoods,
    neighbourhoods,
)
from tests.metrics.tables import output_set, set_a

FAMILY = ("prdc.precision", "prdc.recall", "prdc.density", "prdc.coverage")


def numbers(found: Neighbourhoods) -> tuple[float, ...]:
    return found.precision, found.recall, found.density, found.coverage


def by_the_definition(x: np.ndarray, y: np.ndarray, convention: Convention) -> tuple[float, ...]:
    def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.sqrt(((a[:, None] - b) ** 2).sum(axis=2))

    own = np.sort(distances(x, x), axis=1)[:, convention.k]
    theirs = np.sort(distances(y, y), axis=1)[:, convention.k]
    between = distances(x, y)
    closer = np.less_equal if convention.edge_inside else np.less
    inside, reached = closer(between, theirs), closer(between, own[:, None])
    density = inside.sum() / (convention.k * len(x))
    return inside.any(1).mean(), reached.any(0).mean(), density, inside.any(0).mean()


def test_golden_values() -> None:
    real, fake = set_a()
    found = neighbourhoods(fake, real, PRDC)
    assert numbers(found) == pytest.approx((0.182, 0.996, 0.0692, 0.252), abs=1e-9)
    rng = np.random.RandomState(0)
    real, fake = rng.randn(1000, 64), rng.randn(1000, 64)
    found = neighbourhoods(fake, real, PRDC)
    assert numbers(found) == pytest.approx((0.704, 0.738, 0.947, 0.971), abs=1e-9)


def test_outputs_crowded_in_the_middle_are_precise_and_recall_little() -> None:
    rng = np.random.default_rng(42)
    outputs, reference = 0.1 * rng.normal(size=(200, 16)), 3.0 * rng.normal(size=(200, 16))
    found = neighbourhoods(outputs, reference, PRECISION_RECALL)
    assert found.precision > 0.8
    assert found.recall < 0.3


def test_equals_torch_fidelity() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(150, 8)), 1.2 * rng.normal(size=(130, 8)) + 0.3
    found = neighbourhoods(x, y, PRECISION_RECALL)
    theirs = calculate_precision_recall_full(torch.from_numpy(x), torch.from_numpy(y))
    assert (found.precision, found.recall) == pytest.approx(theirs, abs=1e-6)


def test_an_edge_is_inside_by_one_convention_and_outside_by_the_other() -> None:
    reference = np.arange(6.0)[:, None]
    outputs = np.array([[-1.0], [-1.5], [6.5]])
    # with k = 1 the balls of the reference end at −1 and 6
    closed = neighbourhoods(outputs, reference, Convention(1, edge_inside=True))
    open_ = neighbourhoods(outputs, reference, Convention(1, edge_inside=False))
    assert closed.balls_around.tolist() == [1, 0, 0]
    assert open_.balls_around.tolist() == [0, 0, 0]


def test_rounding_decides_nothing() -> None:
    # copies of the reference lie exactly on edges, far from the origin and turned every way
    rng = np.random.default_rng(2)
    y = rng.normal(size=(60, 5))
    counted = set()
    for _ in range(10):
        turn, _ = np.linalg.qr(rng.normal(size=(5, 5)))
        moved = y @ turn + 100.0
        found = neighbourhoods(moved, moved, PRDC)
        counted.add(numbers(found))
    assert counted == {(1.0, 1.0, 1.0, 1.0)}


def test_blocks_of_rows_do_not_change_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = set_a()
    whole = [numbers(neighbourhoods(x, y, c)) for c in (PRDC, PRECISION_RECALL)]
    monkeypatch.setattr("evalharness.metrics.nearest.ROWS_AT_ONCE", 77)
    assert [numbers(neighbourhoods(x, y, c)) for c in (PRDC, PRECISION_RECALL)] == whole


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(6, 30),
    m=st.integers(6, 30),
    d=st.integers(1, 5),
    closed=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_numbers_are_those_of_the_definition(
    n: int, m: int, d: int, closed: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d)) * 1.5
    convention = Convention(3, closed)
    found = numbers(neighbourhoods(x, y, convention))
    assert found == pytest.approx(by_the_definition(x, y, convention), abs=1e-12)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    again = neighbourhoods(rng.permutation(x) @ turn * 3, rng.permutation(y) @ turn * 3, convention)
    assert numbers(again) == pytest.approx(found, abs=1e-12)
    # precision of one is recall of the other
    swapped = neighbourhoods(y, x, convention)
    assert (swapped.precision, swapped.recall) == (found[1], found[0])


def test_family_shares_one_look_at_the_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = set_a()
    table = output_set(x, y)
    looks = []

    def counted(*arguments: object) -> Neighbourhoods:
        looks.append(arguments)
        return neighbourhoods(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "neighbourhoods", counted)
    monkeypatch.setattr(module, "_KNOWN", {})
    found = [registry.metric(name).measure(table).value for name in FAMILY]
    wanted = numbers(neighbourhoods(np.float32(x), np.float32(y), PRDC))
    assert found == pytest.approx(wanted, abs=1e-12)
    assert len(looks) == 1
    for shift in range(20):
        registry.metric("prdc.recall").measure(output_set(x + shift, y))
    assert len(module._KNOWN) <= 16


def test_intervals_are_of_what_the_outputs_alone_decide() -> None:
    x, y = set_a()
    table = output_set(x, y)
    has_interval = {
        name: registry.metric(name).measure(table).low is not None
        for name in (*FAMILY, "precision_recall.precision", "precision_recall.recall")
    }
    assert {name for name, has in has_interval.items() if has} == {
        "prdc.precision",
        "prdc.density",
        "precision_recall.precision",
    }


def test_collapsed_outputs() -> None:
    _, y = set_a()
    found = neighbourhoods(np.tile(y.mean(axis=0), (50, 1)), y, PRDC)
    assert found.precision == 1.0
    assert found.recall == 0.0


def test_bad_input() -> None:
    x, y = set_a()
    with pytest.raises(UnmeasurableError, match="needs more than 5 pictures; found 5 outputs"):
        neighbourhoods(x[:5], y, PRDC)
    with pytest.raises(UnmeasurableError, match="16 dimensions and the reference's 4"):
        neighbourhoods(x, y[:, :4], PRDC)
    with pytest.raises(UnmeasurableError, match="hold NaN"):
        neighbourhoods(x * np.inf, y, PRDC)
    with pytest.raises(UnmeasurableError, match="All reference features are equal"):
        registry.metric("prdc.recall").measure(output_set(x, np.ones_like(y)))
