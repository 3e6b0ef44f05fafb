"""The FID network is laid out anew; what it gives must not change."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch_fidelity.interpolate_compat_tensorflow import (
    interpolate_bilinear_2d_like_tensorflow1x,
)

from evalharness.extractors.checkpoint_file import read_state
from evalharness.extractors.inception_network import build
from evalharness.extractors.inception_resize import tensorflow_1
from evalharness.extractors.inception_trunk import trunk


@pytest.mark.parametrize("shape", [(1, 1), (7, 299), (299, 299), (512, 300), (700, 1031), (64, 2)])
def test_resizing_is_torch_fidelitys_bit_for_bit(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    tensor = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    theirs = interpolate_bilinear_2d_like_tensorflow1x(tensor, (299, 299), align_corners=False)
    np.testing.assert_array_equal(tensorflow_1(picture), theirs[0].permute(1, 2, 0).numpy())


def test_folding_keeps_the_features(fid_weights: Path) -> None:
    torch.manual_seed(1)
    state = dict(read_state(fid_weights))
    for name, values in state.items():  # batch norms that do something
        if name.endswith(("running_mean", "bn.bias")):
            state[name] = 0.1 * torch.randn_like(values)
        elif name.endswith(("running_var", "bn.weight")):
            state[name] = 0.5 + torch.rand_like(values)
    pictures = torch.randint(0, 256, (2, 3, 299, 299), dtype=torch.uint8)
    with torch.inference_mode():
        (expected,) = build(state, "test")(pictures)
        found = trunk(build(state, "test"))((pictures.float() - 128) / 128)
    assert expected.std() > 1e-3
    difference = (found - expected).abs().max() / expected.abs().max()
    assert float(difference) < 2e-6
