"""The oracle: a small classifier that says what a single-object picture shows.

It is trained on renders alone and judges the generators without being related to them or
to tiny-clip.
"""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS
from evalharness.tinyworld.weights import weights_folder

HEADS: dict[str, tuple[str, ...]] = {
    "object": OBJECTS,
    "colour": tuple(COLOURS),
    "aesthetic": AESTHETICS,
}
_WIDTHS = (3, 24, 48, 96, 128)
_BATCH = 256


class OracleNet(nn.Module):
    """Four strided convolutions, and one linear head per attribute.

    Takes float32 (n, 3, 64, 64) in -1..1; gives logits (n, classes) by attribute.
    """

    def __init__(self) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        for into, out in pairwise(_WIDTHS):
            stages += [nn.Conv2d(into, out, 3, 2, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
        self.trunk = nn.Sequential(*stages, nn.Flatten(), nn.Linear(_WIDTHS[-1] * 16, 128))
        self.heads = nn.ModuleDict({n: nn.Linear(128, len(v)) for n, v in HEADS.items()})

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits by attribute."""
        seen = torch.relu(self.trunk(pictures))
        return {name: head(seen) for name, head in self.heads.items()}


class Oracle:
    """The trained classifier."""

    def __init__(self, net: OracleNet) -> None:
        self._net = net.eval()

    @classmethod
    def load(cls, folder: Path | None = None) -> "Oracle":
        """Load from a folder; by default the weights that ship with the package."""
        source = folder or weights_folder("tiny-oracle")
        net = OracleNet()
        state = load_file(source / "model.safetensors")
        net.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
        )
        return cls(net)

    @torch.inference_mode()
    def predict(self, pictures: NDArray[np.uint8]) -> dict[str, list[str]]:
        """Names of object, colour and aesthetic for uint8 pictures (n, 64, 64, 3)."""
        found: dict[str, list[str]] = {name: [] for name in HEADS}
        for start in range(0, len(pictures), _BATCH):
            batch = np.ascontiguousarray(pictures[start : start + _BATCH].transpose(0, 3, 1, 2))
            logits = self._net(torch.from_numpy(batch).float() / 127.5 - 1)
            for name, words in HEADS.items():
                found[name] += [words[int(i)] for i in logits[name].argmax(1)]
        return found


def save_oracle(net: OracleNet, folder: Path) -> None:
    """Write the weights as fp16 safetensors, with the names of the classes."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()}
    save_file({k: v.contiguous() for k, v in state.items()}, folder / "model.safetensors")
    (folder / "classes.json").write_text(json.dumps(HEADS, indent=1) + "\n")
