"""Which words of a prompt a pipeline's tokenizers cut off."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from evalharness.backends.diffusers.loading import Pipeline
from evalharness.core.nouns import Json, Settings

NO_LIMIT = 1_000_000
"""Tokenizers without a limit of their own say `model_max_length` = 1e30."""


class Truncation:
    """Notes for prompts longer than a tokenizer's limit.

    CLIP's limit is its own; the other encoders' is `max_sequence_length` where the pipeline has
    that argument (its default unless a setting changes it).
    """

    def __init__(self, pipe: Pipeline, default_length: object) -> None:
        parts = getattr(pipe, "components", {})
        self._tokenizers = {
            name: part for name, part in parts.items() if "tokenizer" in name and callable(part)
        }
        self._default = default_length if isinstance(default_length, int) else None
        self._cut = lru_cache(maxsize=4096)(self._cut_uncached)

    def notes(self, text: str, settings: Settings) -> tuple[str, ...]:
        """One note per tokenizer that drops words of `text`."""
        asked: Json = settings.get("max_sequence_length", self._default)
        length = asked if isinstance(asked, int) else None
        found = ((name, self._cut(name, text, length)) for name in self._tokenizers)
        return tuple(f"{name} cut off: {cut}" for name, cut in found if cut)

    def _cut_uncached(self, name: str, text: str, length: int | None) -> str:
        tokenizer = self._tokenizers[name]
        limit = _limit(tokenizer, length)
        ids = tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)
        ids = ids["input_ids"]
        room = limit - tokenizer.num_special_tokens_to_add()
        return str(tokenizer.decode(ids[room:])).strip() if len(ids) > room else ""


def _limit(tokenizer: Any, length: int | None) -> int:
    own = int(min(tokenizer.model_max_length, NO_LIMIT))
    if length is None or type(tokenizer).__name__.startswith("CLIP"):
        return own
    return length
