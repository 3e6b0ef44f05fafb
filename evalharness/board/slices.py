"""The slices that a suite's prompts fall into by their tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_OF_A_SLICE = 5
"""Common prompts below which a slice says too little to be tested beside all others."""


def slices(
    prompts: Sequence[str], tags: Mapping[str, Mapping[str, str]]
) -> list[tuple[str, str, NDArray[np.bool_]]]:
    """(tag, value, member (P,)) of every slice that is neither all prompts nor none."""
    pairs = sorted({pair for prompt in prompts for pair in tags.get(prompt, {}).items()})
    found = []
    for tag, value in pairs:
        member = np.array([tags.get(prompt, {}).get(tag) == value for prompt in prompts])
        if not member.all():
            found.append((tag, value, member))
    return found
