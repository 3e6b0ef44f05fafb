import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import save_file

from evalharness.extractors.inception_network import FeatureExtractorInceptionV3
from tests.extractors.judges import TINY_CLIP

CLIP_CONFIG = {
    "model_cfg": TINY_CLIP,
    "preprocess_cfg": {
        "mean": [0.4, 0.5, 0.6],
        "std": [0.2, 0.3, 0.25],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    },
}


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    # On a busy machine threads that wait for each other cost more than they bring.
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def clip_state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    model = open_clip.CLIP(**json.loads(json.dumps(CLIP_CONFIG["model_cfg"])))
    return {k: v.contiguous() for k, v in model.state_dict().items()}


@pytest.fixture
def clip_folder(tmp_path: Path, clip_state: dict[str, torch.Tensor]) -> Path:
    folder = tmp_path / "clip"
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps(CLIP_CONFIG))
    save_file(clip_state, folder / "open_clip_model.safetensors")
    return folder


class _Unloaded(FeatureExtractorInceptionV3):
    def load_state_dict(self, *_arguments: object, **_options: object) -> None: ...


@pytest.fixture(scope="session")
def fid_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random FID network's weights: `weights.pth`, and `weights.safetensors` beside it."""
    folder = tmp_path_factory.mktemp("fid")
    torch.manual_seed(0)
    torch.save({}, folder / "weights.pth")
    network = _Unloaded(
        "inception-v3-compat", ["2048"], feature_extractor_weights_path=folder / "weights.pth"
    )
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    state = {k: v.contiguous() for k, v in network.state_dict().items()}
    torch.save(state, folder / "weights.pth")
    save_file(state, folder / "weights.safetensors")
    return folder / "weights.safetensors"


@pytest.fixture(scope="session")
def two_sets() -> tuple[np.ndarray, np.ndarray]:
    """Two sets of 7 uint8 pictures (40, 56, 3): smooth colours, and the same with more noise."""
    rng = np.random.default_rng(0)
    low = rng.integers(0, 255, (14, 5, 7, 3))
    smooth = np.kron(low, np.ones((1, 8, 8, 1)))
    noise = rng.normal(size=smooth.shape) * np.repeat([5.0, 40.0], 7)[:, None, None, None]
    pictures = np.clip(smooth + noise, 0, 255).astype(np.uint8)
    return pictures[:7], pictures[7:]
