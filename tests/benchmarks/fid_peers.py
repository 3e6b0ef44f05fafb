"""One peer's FID of a folder against statistics: `… fid_peers PEER FOLDER WEIGHTS STATISTICS`.

Each is used as its documentation shows, with the same weights of the same network.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image

WORKERS = 2
BATCH = 32


def torch_fidelity(folder: str, weights: str, mu: np.ndarray, sigma: np.ndarray) -> float:
    from torch_fidelity.metric_fid import fid_input_id_to_statistics, fid_statistics_to_metric
    from torch_fidelity.utils import create_feature_extractor

    options = {
        "input1": folder,
        "cuda": False,
        "batch_size": BATCH,
        "feature_extractor_weights_path": weights,
        "verbose": False,
        "cache": False,
    }
    network = create_feature_extractor("inception-v3-compat", ["2048"], **options)
    found = fid_input_id_to_statistics(1, network, "2048", **options)
    given = {"mu": mu.astype(found["mu"].dtype), "sigma": sigma.astype(found["sigma"].dtype)}
    value: float = fid_statistics_to_metric(found, given, False)["frechet_inception_distance"]
    return value


class _Files(torch.utils.data.Dataset):  # type: ignore[type-arg]
    def __init__(self, folder: str) -> None:
        self.paths = sorted(Path(folder).iterdir())

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, i: int) -> torch.Tensor:
        pixels = np.array(Image.open(self.paths[i]).convert("RGB"))
        return torch.from_numpy(pixels).permute(2, 0, 1)


def torchmetrics(folder: str, weights: str, mu: np.ndarray, sigma: np.ndarray) -> float:
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric = FrechetInceptionDistance(antialias=False, feature_extractor_weights_path=weights)
    n = 10_000  # sums whose moments are the given ones
    metric.real_features_num_samples = torch.tensor(n)
    metric.real_features_sum = torch.from_numpy(mu * n)
    metric.real_features_cov_sum = torch.from_numpy(sigma * (n - 1) + n * np.outer(mu, mu))
    for batch in torch.utils.data.DataLoader(_Files(folder), BATCH, num_workers=WORKERS):
        metric.update(batch, real=False)
    return float(metric.compute())


def clean_fid(folder: str, weights: str, mu: np.ndarray, sigma: np.ndarray) -> float:
    from cleanfid import fid
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    network = FeatureExtractorInceptionV3(
        "inception-v3-compat", ["2048"], feature_extractor_weights_path=weights
    )

    def look(batch: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = network(batch.round().to(torch.uint8))[0]
        return features

    features = fid.get_folder_features(
        folder,
        model=look,
        num_workers=WORKERS,
        batch_size=BATCH,
        device=torch.device("cpu"),
        mode="clean",
        verbose=False,
    )
    return float(
        fid.frechet_distance(features.mean(axis=0), np.cov(features, rowvar=False), mu, sigma)
    )


PEERS = {"torch-fidelity": torch_fidelity, "torchmetrics": torchmetrics, "clean-fid": clean_fid}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    peer, pictures, state, statistics = sys.argv[1:]
    with np.load(statistics) as stored, torch.inference_mode():
        print(PEERS[peer](pictures, state, stored["mu"], stored["sigma"]))
