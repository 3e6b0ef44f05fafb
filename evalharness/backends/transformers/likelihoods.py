"""How likely a language model finds given continuations of a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from evalharness.backends.transformers.context import TooLongError
from evalharness.backends.transformers.loading import Loaded
from evalharness.core.outcomes import Likelihood, Likelihoods

Tokens = list[int]


@torch.inference_mode()
def likelihoods(
    loaded: Loaded,
    text: str,
    continuations: Sequence[str],
    room: int | None,
    templated: bool = False,
) -> Likelihoods:
    """Natural logarithms of p(continuation | text), summed over the continuation's tokens.

    `templated` is a text in which a chat template has written the special tokens already. Raises
    TooLongError where both together are more tokens than `room`, ValueError where a continuation
    is none.
    """
    _, rows = parted(loaded, text, continuations, templated)
    refuse_long(loaded, max(len(before) + len(after) for before, after in rows), room)
    found = []
    for (before, after), continuation in zip(rows, continuations, strict=True):
        logs = _logs(loaded, before, after)
        picked = torch.tensor(after, device=logs.device)
        chosen = logs.gather(1, picked[:, None]).sum()
        greedy = bool((logs.argmax(dim=1) == picked).all())
        found.append(Likelihood(continuation, float(chosen), len(after), greedy))
    return Likelihoods(tuple(found))


def parted(
    loaded: Loaded, text: str, continuations: Sequence[str], templated: bool
) -> tuple[str, list[tuple[Tokens, Tokens]]]:
    """What comes before the continuations, and each one's tokens before and of its own.

    Text and continuation are tokenised together and parted where the text's own tokens end, spaces
    at the end of the text being the continuation's, as in lm-evaluation-harness. Raises ValueError
    where a continuation has no tokens.
    """
    bare = text.rstrip()
    moved = text[len(bare) :]
    rows = [_parted(loaded, bare, moved + one, templated) for one in continuations]
    for (_, after), continuation in zip(rows, continuations, strict=True):
        if not after:
            raise ValueError(f"the continuation {continuation!r} has no tokens of its own")
    return bare, rows


def refuse_long(loaded: Loaded, longest: int, room: int | None) -> None:
    """Raises TooLongError where so many tokens are more than the context holds."""
    if not reads_first(loaded) and room is not None and longest > room:
        raise TooLongError(f"text and continuation are {longest} tokens; the context holds {room}")


def reads_first(loaded: Loaded) -> bool:
    """Whether one part of the network reads, and another writes: continuations begin anew."""
    return bool(loaded.network.config.is_encoder_decoder)


def _parted(loaded: Loaded, text: str, continuation: str, templated: bool) -> tuple[Tokens, Tokens]:
    tokenizer = loaded.tokenizer
    if reads_first(loaded):
        after = tokenizer(text_target=continuation, add_special_tokens=False)["input_ids"]
        return tokenizer(text, add_special_tokens=not templated)["input_ids"], after
    before = _ids(tokenizer, text, templated)
    whole = _ids(tokenizer, text + continuation, templated)
    return before, whole[len(before) :]


def _ids(tokenizer: Any, text: str, templated: bool) -> Tokens:
    """Token ids without the end token that some tokenizers add."""
    ids: Tokens = tokenizer(text, add_special_tokens=not templated)["input_ids"]
    return ids[:-1] if ids and ids[-1] == tokenizer.eos_token_id else ids


def _logs(loaded: Loaded, before: Tokens, after: Tokens) -> torch.Tensor:
    """(tokens, vocabulary): log-probabilities of what stands at each of `after`'s places."""
    network, device = loaded.network, loaded.device
    if reads_first(loaded):
        start = network.generation_config.decoder_start_token_id
        shown = torch.tensor([[start, *after[:-1]]], device=device)
        logits = network(
            input_ids=torch.tensor([before], device=device), decoder_input_ids=shown
        ).logits[0]
    else:
        if not before:  # something must come before the first token
            before = [loaded.tokenizer.bos_token_id or loaded.tokenizer.eos_token_id]
        ids = torch.tensor([before + after[:-1]], device=device)
        logits = network(input_ids=ids).logits[0, len(before) - 1 :]
    return torch.log_softmax(logits.float(), dim=-1)
