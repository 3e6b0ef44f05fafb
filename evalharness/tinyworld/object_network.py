"""tiny-objects: a small network that finds the objects in pictures of the embedded world.

Every cell of a 16x16 grid says which object's middle it lies in, if any, that object's colour,
and how far the object reaches to the four sides (Tian et al. 2019, arXiv:1904.01355). It is
trained on renders alone.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from evalharness.tinyworld.scene import COLOURS, OBJECTS

SIZE = 64
"""Side of the pictures the network sees, in pixels."""

GRID = 16
CELL = SIZE // GRID
REACH = 16.0
"""Pixels of one unit of the four distances."""

NOTHING = len(OBJECTS)
"""The class of a cell that lies in the middle of no object."""

_CHANNELS = {
    "object": len(OBJECTS) + 1,
    "colour": len(COLOURS),
    "reach": 4,
}
_FILE = "model.safetensors"


def _stage(into: int, out: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(into, out, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out), nn.ReLU())


class ObjectNet(nn.Module):
    """Features at 16x16 cells, joined by what is seen from afar at 8x8.

    Takes float32 (n, 3, 64, 64) in -1..1; gives float32 (n, channels, 16, 16): logits of
    ``object`` (the last class is no object) and ``colour``, and ``reach``, the distances from
    the cell's middle to the left, the top, the right and the bottom in units of ``REACH``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Sequential(_stage(3, 24, 2), _stage(24, 48, 2))
        self.far = nn.Sequential(_stage(48, 96, 2), *(_stage(96, 96) for _ in range(3)))
        self.join = _stage(48 + 96, 64)
        self.heads = nn.ModuleDict({n: nn.Conv2d(64, c, 1) for n, c in _CHANNELS.items()})

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits and distances by name."""
        near = self.near(pictures)
        far = functional.interpolate(self.far(near), scale_factor=2, mode="nearest")
        joined = self.join(torch.cat([near, far], 1))
        return {name: head(joined) for name, head in self.heads.items()}


def save_network(net: ObjectNet, folder: Path) -> None:
    """Write the weights as fp16 safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()}
    save_file({k: v.contiguous() for k, v in state.items()}, folder / _FILE)


def load_network(folder: Path) -> ObjectNet:
    """Read what :func:`save_network` wrote; raises RuntimeError for another network's weights."""
    net = ObjectNet()
    state = load_file(folder / _FILE)
    net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    return net.eval()
