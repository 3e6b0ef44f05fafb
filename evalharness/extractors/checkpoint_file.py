"""Reading weights in one file, as tensors and nothing else. Imported only in a child."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeAlias

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from evalharness.catalog import hub_snapshot
from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors.checkpoints import HUB, fetched_by, is_pickle, refuse_other_bytes

State: TypeAlias = dict[str, torch.Tensor]


def load_state(instrument: Instrument, resolution: Resolution) -> State:
    """The weights by name in fp32; fetched from the Hub where they are not here.

    `resolution` is the file's own, as `checkpoints.resolve` gave it. Raises
    MissingWeightsError, UntrustedWeightsError and BadInputError.
    """
    *repository, file = instrument.source.removeprefix(HUB).split("/", 2)
    what = f"instrument {instrument.name!r}"
    found = hub_snapshot.folder(what, fetched_by(resolution), [file], "/".join(repository))
    path = found / file if found.is_dir() else found
    if is_pickle(path.name):
        refuse_other_bytes(path, instrument)
    return read_state(path)


def read_state(path: Path) -> State:
    """A state dict (in `state_dict` or bare), without ever unpickling code; BadInputError."""
    try:
        if path.suffix == ".safetensors":
            return _floats(load_file(path), path)
        return _floats(torch.load(path, map_location="cpu", weights_only=True), path)
    except (SafetensorError, UnpicklingError, RuntimeError, ValueError, EOFError) as error:
        raise BadInputError(
            f"{path} cannot be read as weights ({str(error).splitlines()[0]}). It may be cut "
            "short, or hold more than tensors: fetch it again."
        ) from error


def fill(network: nn.Module, state: Mapping[str, torch.Tensor], instrument: Instrument) -> None:
    """Put weights into a network; raises MissingWeightsError where any lacks or has other shapes.

    Weights that the network has no place for are left out.
    """
    expected = network.state_dict()
    bad = sorted(
        name
        for name, own in expected.items()
        if name not in state or state[name].shape != own.shape
    )
    if bad:
        raise MissingWeightsError(
            f"instrument {instrument.name!r}: {instrument.source} lacks {len(bad)} of "
            f"{len(expected)} weights of {type(network).__name__}, or has them in another shape "
            f"({', '.join(bad[:3])}). It holds another network, or is damaged."
        )
    network.load_state_dict({name: state[name] for name in expected})


def _floats(found: Any, path: Path) -> State:
    inner = found.get("state_dict", found) if isinstance(found, Mapping) else found
    if not isinstance(inner, Mapping):
        raise BadInputError(
            f"{path} holds a {type(found).__name__}; expected weights by their names."
        )
    tensors = {str(name): value for name, value in inner.items() if isinstance(value, torch.Tensor)}
    return {n: t.float() if t.is_floating_point() else t for n, t in tensors.items()}
