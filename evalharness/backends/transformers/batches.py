"""One batch of prompts through the network, and what became of it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from evalharness.backends.device.attempts import Failure, attempt
from evalharness.backends.device.meters import Meter, Reading
from evalharness.backends.transformers.choices import READS_AND_WRITES, Writing
from evalharness.backends.transformers.drawing import FiniteWatch, processors
from evalharness.backends.transformers.loading import Loaded
from evalharness.backends.transformers.talk import Asked, Talk


@dataclass(frozen=True, slots=True)
class Written:
    """A batch's answers, whether each came to its own end, whether its logits were numbers."""

    texts: tuple[str, ...]
    ended: tuple[bool, ...]
    finite: tuple[bool, ...]
    used: Reading


class Writer:
    """Calls one network with batches."""

    def __init__(self, loaded: Loaded, talk: Talk, meter: Meter) -> None:
        self._loaded = loaded
        self._talk = talk
        self._meter = meter

    def run(self, writing: Writing, batch: Sequence[Asked], steps: int) -> Written | Failure:
        """Answer `batch` with at most `steps` tokens each.

        Raises what breaks the device for good; every other exception becomes a Failure.
        """
        return attempt(self._meter, lambda: self._write(writing, batch, steps))

    @torch.inference_mode()
    def _write(self, writing: Writing, batch: Sequence[Asked], steps: int) -> Written:
        inputs = self._talk.inputs(batch)
        watch = FiniteWatch(len(batch))
        seeds = [one.job.seed for one in batch]
        options: dict[str, Any] = {"tokenizer": self._loaded.tokenizer} if writing.stop else {}
        given = self._loaded.network.generate(
            **inputs,
            generation_config=self._config(writing, steps),
            logits_processor=processors(writing, seeds, steps, watch),
            **options,
        )
        before = 1 if self._loaded.task == READS_AND_WRITES else inputs["input_ids"].shape[1]
        new = given[:, before:].tolist()
        used = self._meter.stop()
        ended = {*self._ends()}
        texts = [self._loaded.tokenizer.decode(ids, skip_special_tokens=True) for ids in new]
        cut = [cut_at(text, writing.stop) for text in texts]
        return Written(
            texts=tuple(text for text, _ in cut),
            ended=tuple(
                stopped or len(ids) < steps or bool(ended & {*ids})
                for (_, stopped), ids in zip(cut, new, strict=True)
            ),
            finite=tuple(not broken for broken in watch.broken()),
            used=used,
        )

    def _ends(self) -> list[int]:
        ends = self._loaded.network.generation_config.eos_token_id
        return [] if ends is None else [ends] if isinstance(ends, int) else list(ends)

    def _config(self, writing: Writing, steps: int) -> Any:
        """The model's own configuration, made greedy: what is drawn, `drawing` draws."""
        config = copy.deepcopy(self._loaded.network.generation_config)
        config.do_sample = False
        for name in ("temperature", "top_k", "top_p", "min_p", "typical_p", "max_length"):
            setattr(config, name, None)
        config.max_new_tokens = steps
        config.pad_token_id = self._loaded.tokenizer.pad_token_id
        config.stop_strings = list(writing.stop) or None
        for name, value in writing.others.items():
            setattr(config, name, value)
        return config


def cut_at(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """`text` up to the first of `stops`, and whether there was one."""
    found = [place for stop in stops if (place := text.find(stop)) >= 0]
    return (text[: min(found)], True) if found else (text, False)
