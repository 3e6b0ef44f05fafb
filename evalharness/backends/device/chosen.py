"""The device a model is put on."""

from __future__ import annotations

import torch

from evalharness.core.errors import BadInputError


def choose_device(asked: str) -> torch.device:
    """`auto` takes CUDA, then Apple's MPS, then the CPU; raises BadInputError when not there."""
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if asked == "auto":
        return torch.device("cuda" if cuda else "mps" if mps else "cpu")
    device = torch.device(asked)
    there = {"cuda": cuda, "mps": mps, "cpu": True}[device.type]
    if not there:
        raise BadInputError(f"placement.device is {asked!r}, which torch does not find here.")
    return device
