from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset
from torch_fidelity import calculate_metrics
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torchmetrics.image.fid import FrechetInceptionDistance, NoTrainInceptionV3
from torchmetrics.image.kid import KernelInceptionDistance

from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Picture
from evalharness.extractors import inception
from evalharness.extractors.inception_network import InceptionExtractor
from evalharness.metrics.fid import frechet_distance
from evalharness.metrics.kid import kid_subsets, mmd2

Sets = tuple[np.ndarray, np.ndarray]
FEW = slice(0, 64)
"""Features for FID in the quick test: the oracles' eigenvalues of 2048 take half a minute."""


def as_tensor(pictures: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()


@pytest.fixture(scope="module")
def ours(fid_weights: Path, two_sets: Sets) -> list[np.ndarray]:
    instrument = Instrument("inception", "inception", str(fid_weights))
    with InceptionExtractor(instrument, inception.resolve(instrument)) as extractor:
        return [
            np.stack([v.vector for v in extractor.extract([Picture(p) for p in pictures])])
            for pictures in two_sets
        ]


@pytest.fixture(scope="module")
def theirs(fid_weights: Path, two_sets: Sets) -> dict[str, list[torch.Tensor]]:
    path = str(fid_weights.with_suffix(".pth"))
    name, layers = "inception-v3-compat", ["2048"]
    fidelity = FeatureExtractorInceptionV3(name, layers, feature_extractor_weights_path=path)
    metrics = NoTrainInceptionV3(name, layers, path, antialias=False)
    with torch.no_grad():
        return {
            "torch-fidelity": [fidelity(as_tensor(p))[0] for p in two_sets],
            "torchmetrics": [metrics(as_tensor(p)) for p in two_sets],
        }


@pytest.mark.parametrize("library", ["torch-fidelity", "torchmetrics"])
def test_features_are_theirs(
    library: str, ours: list[np.ndarray], theirs: dict[str, list[torch.Tensor]]
) -> None:
    assert ours[0].std(axis=0).mean() > 1e-3
    for mine, other in zip(ours, theirs[library], strict=True):
        np.testing.assert_allclose(mine, other.numpy(), rtol=1e-5, atol=1e-5)


def test_distances_are_torch_fidelitys(
    ours: list[np.ndarray], theirs: dict[str, list[torch.Tensor]]
) -> None:
    x, y = theirs["torch-fidelity"]
    stats = [fid_features_to_statistics(rows[:, FEW]) for rows in (x, y)]
    fid = fid_statistics_to_metric(*stats, verbose=False)["frechet_inception_distance"]
    assert frechet_distance(ours[0][:, FEW], ours[1][:, FEW]) == pytest.approx(fid, abs=1e-4)
    kid = kid_features_to_metric(x, y, kid_subsets=10, kid_subset_size=5, verbose=False)
    expected = [kid[f"kernel_inception_distance_{k}"] for k in ("mean", "std")]
    assert kid_subsets(*ours, subsets=10, size=5) == pytest.approx(expected, rel=1e-4, abs=1e-4)


class Pictures(Dataset):
    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = as_tensor(pictures)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, i: int) -> torch.Tensor:
        return self.pictures[i]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_whole_pipelines_agree(ours: list[np.ndarray], fid_weights: Path, two_sets: Sets) -> None:
    path = str(fid_weights.with_suffix(".pth"))
    found = calculate_metrics(
        input1=Pictures(two_sets[0]),
        input2=Pictures(two_sets[1]),
        cuda=False,
        fid=True,
        kid=True,
        kid_subsets=5,
        kid_subset_size=7,
        feature_extractor_weights_path=path,
        verbose=False,
    )
    fid = FrechetInceptionDistance(antialias=False, feature_extractor_weights_path=path)
    network = NoTrainInceptionV3("inception-v3-compat", ["2048"], path, antialias=False)
    kid = KernelInceptionDistance(feature=network, subsets=2, subset_size=7)
    for metric in (fid, kid):
        metric.update(as_tensor(two_sets[0]), real=False)
        metric.update(as_tensor(two_sets[1]), real=True)
    assert frechet_distance(*ours) == pytest.approx(
        found["frechet_inception_distance"], rel=1e-4, abs=1e-4
    )
    assert frechet_distance(*ours) == pytest.approx(float(fid.compute()), rel=1e-4, abs=1e-4)
    assert mmd2(*ours) == pytest.approx(found["kernel_inception_distance_mean"], abs=1e-4)
    assert mmd2(*ours) == pytest.approx(float(kid.compute()[0]), rel=1e-4, abs=1e-4)
