"""Texts as open_clip's models are shown them: cut before the end token, never through it."""

from __future__ import annotations

from typing import Any

import open_clip

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
