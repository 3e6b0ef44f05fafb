"""Heads that put a score on a vector: linear layers, one after another, nothing in between.

LAION's aesthetic heads and ImageReward's are such stacks (their dropout only acts in training).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

import torch
from torch import nn

from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Instrument

_LAYER = re.compile(r"layers\.(\d+)\.weight")


def linear_stack(
    state: Mapping[str, torch.Tensor], width: int, instrument: Instrument
) -> nn.Sequential:
    """The head in a state dict: `layers.N.weight` and `.bias`, or one bare `weight` and `bias`.

    It takes (n, width) to (n, 1). Raises MissingWeightsError where layers lack or do not fit.
    """
    numbers = sorted(int(found[1]) for name in state if (found := _LAYER.fullmatch(name)))
    prefixes = [f"layers.{number}." for number in numbers] or [""]
    try:
        weights = [state[f"{prefix}weight"] for prefix in prefixes]
        biases = [state[f"{prefix}bias"] for prefix in prefixes]
    except KeyError as lacking:
        raise _refusal(instrument, f"lacks {lacking}") from lacking
    sizes = [width, *(len(weight) for weight in weights)]
    for weight, bias, (before, after) in zip(weights, biases, pairwise(sizes), strict=True):
        if weight.shape != (after, before) or bias.shape != (after,):
            raise _refusal(instrument, f"has {tuple(weight.shape)} after {before} values")
    if sizes[-1] != 1:
        raise _refusal(instrument, f"ends in {sizes[-1]} values")
    head = nn.Sequential(*(nn.Linear(before, after) for before, after in pairwise(sizes)))
    for layer, weight, bias in zip(head, weights, biases, strict=True):
        layer.load_state_dict({"weight": weight, "bias": bias})
    return head


def _refusal(instrument: Instrument, found: str) -> MissingWeightsError:
    return MissingWeightsError(
        f"instrument {instrument.name!r}: the head in {instrument.source} {found}; expected linear "
        "layers from the vector's length down to one number. It is another head, or damaged."
    )
