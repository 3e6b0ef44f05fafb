"""Other tools' numbers on the same features; they come with the extra `compare`."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.linalg import sqrtm

from evalharness.metrics.fid import frechet_distance
from evalharness.metrics.kid import mmd2
from evalharness.metrics.neighbourhoods import PRDC, neighbourhoods
from evalharness.metrics.vendi import vendi_score
from tests.metrics.tables import set_a

WITHOUT = "comes with the extra `compare`"


def root_as_it_was(matrix: np.ndarray, disp: bool = True) -> Any:
    """`scipy.linalg.sqrtm` with the argument that SciPy 1.18 no longer has."""
    root = sqrtm(matrix)
    return root if disp else (root, 0.0)


@pytest.fixture
def clean_fid(monkeypatch: pytest.MonkeyPatch) -> Any:
    module = pytest.importorskip("cleanfid.fid", reason=f"clean-fid {WITHOUT}")
    monkeypatch.setattr(module, "linalg", SimpleNamespace(sqrtm=root_as_it_was))
    return module


def moments(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rows.mean(axis=0), np.cov(rows, rowvar=False)


def test_fid_equals_clean_fid(clean_fid: Any) -> None:
    x, y = set_a()
    theirs = clean_fid.frechet_distance(*moments(x), *moments(y))
    assert frechet_distance(x, y) == pytest.approx(theirs, abs=1e-6)
    assert theirs == pytest.approx(8.582170700899681, abs=1e-6)


def test_kid_equals_clean_fid_on_whole_sets(clean_fid: Any) -> None:
    x, y = set_a()
    theirs = clean_fid.kernel_distance(x, y, num_subsets=1, max_subset_size=500)
    assert mmd2(x, y) == pytest.approx(theirs, abs=1e-9)


def test_neighbourhoods_equal_prdc() -> None:
    prdc = pytest.importorskip("prdc", reason=f"prdc {WITHOUT}")
    rng = np.random.default_rng(1)
    mix = rng.normal(size=(20, 20))
    real, fake = rng.normal(size=(300, 20)) @ mix, 0.8 * rng.normal(size=(250, 20)) @ mix + 0.2
    theirs = prdc.compute_prdc(real, fake, nearest_k=5)
    ours = neighbourhoods(fake, real, PRDC)
    assert {name: getattr(ours, name) for name in theirs} == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("shape", [(40, 16), (16, 40)])
def test_vendi_equals_vendi_score(shape: tuple[int, int]) -> None:
    vendi = pytest.importorskip("vendi_score.vendi", reason=f"vendi-score {WITHOUT}")
    x = np.random.default_rng(2).normal(size=shape)
    assert vendi_score(x) == pytest.approx(vendi.score_dual(x), abs=1e-9)
    assert vendi_score(x, order=2) == pytest.approx(vendi.score_dual(x, q=2), abs=1e-9)
