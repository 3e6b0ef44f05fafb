"""Which token comes next: drawn for each answer by its own seed, whatever it is batched with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers.generation import logits_process
from transformers.generation.logits_process import LogitsProcessor, LogitsProcessorList

from evalharness.backends.transformers.choices import Writing


class FiniteWatch(LogitsProcessor):
    """Remembers whose logits were NaN, and replaces them so that the batch can go on."""

    def __init__(self, rows: int) -> None:
        self._broken = [False] * rows

    def __call__(self, _ids: Any, scores: torch.Tensor) -> torch.Tensor:
        """`scores` (rows, vocabulary), unchanged where they are numbers; -inf is one here."""
        bad = torch.isnan(scores).any(dim=-1) | torch.isposinf(scores).any(dim=-1)
        if not bool(bad.any()):
            return scores
        for row in bad.nonzero().flatten().tolist():
            self._broken[row % len(self._broken)] = True
        return torch.where(bad[:, None], torch.zeros_like(scores), scores)

    def broken(self, row: int) -> bool:
        """Whether an answer's logits were ever no numbers."""
        return self._broken[row]


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
