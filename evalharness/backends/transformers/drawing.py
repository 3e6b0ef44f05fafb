"""Which token comes next: drawn for each answer by its own seed, whatever it is batched with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers.generation import logits_process
from transformers.generation.logits_process import LogitsProcessor, LogitsProcessorList

from evalharness.backends.transformers.choices import Writing


class FiniteWatch(LogitsProcessor):
    """Remembers whose logits were NaN or infinity; their answers go on, and count for nothing.

    What it remembers stays on the device until the batch is done, so that watching costs no wait.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._bad: torch.Tensor | None = None

    def __call__(self, _ids: Any, scores: torch.Tensor) -> torch.Tensor:
        """`scores` (rows, vocabulary) as they are; the largest is NaN where any is."""
        bad = ~torch.isfinite(scores.amax(dim=-1))
        self._bad = bad if self._bad is None else self._bad | bad
        return scores

    def broken(self) -> list[bool]:
        """Of each answer, whether its logits were ever no numbers (its beams' count as its)."""
        if self._bad is None:
            return [False] * self._rows
        found: list[bool] = self._bad.reshape(self._rows, -1).any(dim=1).tolist()
        return found


class Draw(LogitsProcessor):
    """Draws each row's token by inverting its cumulative distribution at a number of its own.

    The row's numbers come from one generator, seeded with its job's seed. All other tokens get
    -inf, so that `generate`, told to be greedy, takes the one drawn.
    """

    def __init__(self, seeds: Sequence[int], steps: int) -> None:
        numbers = [
            torch.rand(
                steps, generator=torch.Generator("cpu").manual_seed(seed), dtype=torch.float64
            )
            for seed in seeds
        ]
        self._numbers = torch.stack(numbers, dim=1)
        self._step = 0

    def __call__(self, _ids: Any, scores: torch.Tensor) -> torch.Tensor:
        """`scores` (rows, vocabulary) with one finite entry a row."""
        at = self._numbers[self._step].to(scores.device, torch.float32)[:, None]
        self._step += 1
        reached = torch.softmax(scores.float(), dim=-1).cumsum(dim=-1)
        # the last sum may be a rounding below 1, and a number just above it would find no token
        chosen = torch.searchsorted(reached, at * reached[:, -1:], right=True)
        likely = scores.shape[-1] - 1 - torch.isfinite(scores).flip(-1).float().argmax(-1)
        chosen = torch.minimum(chosen, likely[:, None])
        return torch.full_like(scores, -torch.inf).scatter_(1, chosen, 0.0)


class Follow(LogitsProcessor):
    """Makes `generate` write given tokens (rows, steps): all others get -inf."""

    def __init__(self, tokens: torch.Tensor) -> None:
        self._tokens = tokens
        self._step = 0

    def __call__(self, _ids: Any, scores: torch.Tensor) -> torch.Tensor:
        """`scores` (rows, vocabulary) with one finite entry a row."""
        chosen = self._tokens[:, self._step, None].to(scores.device)
        self._step += 1
        return torch.full_like(scores, -torch.inf).scatter_(1, chosen, 0.0)


def processors(
    writing: Writing, seeds: Sequence[int], steps: int, watch: FiniteWatch
) -> LogitsProcessorList:
    """What shapes and draws, in transformers' own order; greedy answers are only watched."""
    found: list[Any] = [watch]
    if writing.temperature > 0:
        if writing.temperature != 1.0:
            found.append(logits_process.TemperatureLogitsWarper(writing.temperature))
        if writing.top_k:
            found.append(logits_process.TopKLogitsWarper(writing.top_k))
        if writing.top_p is not None and writing.top_p < 1.0:
            found.append(logits_process.TopPLogitsWarper(writing.top_p))
        if writing.min_p:
            found.append(logits_process.MinPLogitsWarper(writing.min_p))
        found.append(Draw(seeds, steps))
    return LogitsProcessorList(found)
