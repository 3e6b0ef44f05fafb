"""How many tokens a network can hold, and what is told of a prompt that is too long."""

from __future__ import annotations

from evalharness.backends.transformers.loading import Loaded
from evalharness.core.errors import HarnessError

NO_LIMIT = 1_000_000
"""Tokenizers without a limit of their own say `model_max_length` = 1e30."""


class TooLongError(HarnessError):
    """A prompt that the model's context does not hold."""


def context_of(loaded: Loaded) -> int | None:
    """Tokens of prompt and answer together (of the prompt alone where another part writes); None
    where neither the config nor the tokenizer has a limit."""
    text = loaded.network.config.get_text_config()
    named = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")
    limits = [limit for name in named if isinstance(limit := getattr(text, name, None), int)]
    if loaded.tokenizer is not None and loaded.tokenizer.model_max_length < NO_LIMIT:
        limits.append(int(loaded.tokenizer.model_max_length))
    return min(limits, default=None)


def too_long(tokens: int, room: int) -> str:
    """The reason of an attempt at such a prompt; nothing is ever cut silently."""
    return (
        f"the prompt is {tokens} tokens; the model's context holds {room}, and a prompt is never "
        "cut. Ask a shorter one, or choose a model with a longer context"
    )
