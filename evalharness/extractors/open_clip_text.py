"""Texts as open_clip's models are shown them: cut before the end token, never through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import open_clip
import torch

from evalharness.core.nouns import Json


def tokenizer_of(model: str) -> Any:
    """The tokenizer of an architecture, or of `local-dir:…`."""
    tokenizer: Any = open_clip.get_tokenizer(model)
    # Some models drop random words from long prompts; a benchmark cuts them at the end.
    if getattr(tokenizer, "reduction_fn", None) is not None:
        tokenizer.reduction_fn = None
    return tokenizer


def truncation(tokenizer: Any, text: str, room: int) -> Json:
    """What is said of a text that needs more than `room` tokens; None for any other."""
    if hasattr(tokenizer, "encode"):
        needed = len(tokenizer.encode(text)) + 2  # start and end
    else:
        cleaned = tokenizer.clean_fn(text)
        needed = len(tokenizer.tokenizer(cleaned, verbose=False).input_ids)
    return {"truncated": True, "tokens": needed} if needed > room else None


def encode_texts(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    """`model.encode_text`, L2-normalised, of tokens (n, context).

    Where a tower looks back only and is read at the end token, what stands behind the longest
    text's end changes nothing and is left out: prompts fill a fifth of CLIP's context.
    """
    backwards = isinstance(model, open_clip.CLIP) and model.attn_mask is not None
    if not backwards or model.text_pool_type != "argmax":
        return _normalised(model, tokens)
    length = int(tokens.argmax(dim=1).max()) + 1  # the end token has the highest id
    with _shortened(model, length):
        return _normalised(model, tokens[:, :length])


def _normalised(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    features: torch.Tensor = model.encode_text(tokens, normalize=True)
    return features


@contextmanager
def _shortened(model: Any, length: int) -> Iterator[None]:
    """The model with a context of `length` tokens."""
    position, mask = model.positional_embedding, model.attn_mask
    model.positional_embedding = torch.nn.Parameter(position[:length], requires_grad=False)
    model.attn_mask = mask[:length, :length]
    try:
        yield
    finally:
        model.positional_embedding, model.attn_mask = position, mask
