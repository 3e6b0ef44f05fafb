"""The FID network laid out for speed: the same features from half the work.

A batch norm after a convolution is a scale and a shift, so it is folded into the convolution's
weights and bias. Together with channels-last memory and batches that fit the caches this is twice
as fast on two CPU cores, the features being equal to a few 1e-7 of the largest. What is left are
convolutions at the speed of the processor: `torch.compile` (half a minute and a C++ compiler),
packed weights and fused activations gain nothing to 4 % more.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval
from torch_fidelity.feature_extractor_inceptionv3 import BasicConv2d, FeatureExtractorInceptionV3

CLASSIFIER = "fc"


def trunk(network: FeatureExtractorInceptionV3) -> nn.Sequential:
    """Everything up to the pooling layer: (n, 3, 299, 299) scaled to −1…1 → (n, 2048).

    `network` is used up: its convolutions are replaced where they stand.
    """
    _fold(network)
    layers = [layer for name, layer in network.named_children() if name != CLASSIFIER]
    laid_out: nn.Sequential = nn.Sequential(*layers, nn.Flatten(1)).to(
        memory_format=torch.channels_last
    )
    return laid_out


class _Folded(nn.Module):
    """A convolution with its batch norm in it, then ReLU."""

    def __init__(self, block: BasicConv2d) -> None:
        super().__init__()
        self.conv = fuse_conv_bn_eval(block.conv, block.bn)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        activated: torch.Tensor = self.conv(x).relu_()
        return activated


def _fold(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, BasicConv2d):
            setattr(module, name, _Folded(child))
        else:
            _fold(child)
