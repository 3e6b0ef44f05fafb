"""Whether a pipeline deals pictures out, one to each prompt of a call.

Pipelines that begin with a picture do. Of those that look at one while they paint, some take a list
of pictures as all one prompt's (FLUX.2), some take one prompt at a time (Qwen-Image-Edit-Plus), and
their signatures do not tell. So they are asked: a call with one prompt and one with that prompt
twice are begun, and broken off where the network that paints is first called. Where pictures are
dealt out, a prompt's share of what that network reads is as large in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from evalharness.backends.device.failures import (
    breaks_device,
    is_out_of_memory,
    release_memory,
)
from evalharness.backends.diffusers.loading import Pipeline

PAINTERS = ("transformer", "unet")


class _BegunError(Exception):
    """Carries what the network that paints was given."""

    def __init__(self, shares: set[tuple[int, ...]]) -> None:
        self.shares = shares


def deals_pictures(
    pipe: Pipeline, once: Mapping[str, Any], twice: Mapping[str, Any]
) -> bool | None:
    """Whether a call with a prompt and its picture `twice` gives each what it has `once`.

    False where such a call fails, None where memory is too small for it, which says nothing of the
    pipeline. Raises what breaks the device for good.
    """
    found: bool | None = False
    try:
        alone = _begin(pipe, once)
        return alone is not None and alone == _begin(pipe, twice)
    except Exception as error:
        if breaks_device(error):
            raise
        if is_out_of_memory(error):
            found = None
    release_memory()  # here no exception holds tensors any more
    return found


def _begin(pipe: Pipeline, arguments: Mapping[str, Any]) -> set[tuple[int, ...]] | None:
    """Shapes of the prompts' shares in a call; None where no known network paints."""
    painters = [
        part for name in PAINTERS if isinstance(part := getattr(pipe, name, None), torch.nn.Module)
    ]
    hooks = [part.register_forward_pre_hook(_break_off, with_kwargs=True) for part in painters]
    try:
        pipe(**arguments)
    except _BegunError as begun:
        return begun.shares
    finally:
        for hook in hooks:
            hook.remove()
        pipe.maybe_free_model_hooks()
    return None


def _break_off(_network: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    """What is painted on is what these networks are given first, if not by name."""
    shown = [named[name] for name in ("hidden_states", "sample") if name in named]
    raise _BegunError(_shares([*shown, *arguments][0]))


def _shares(shown: torch.Tensor | Sequence[torch.Tensor]) -> set[tuple[int, ...]]:
    if isinstance(shown, torch.Tensor):
        return {tuple(shown.shape[1:])}
    return {tuple(one.shape) for one in shown}
