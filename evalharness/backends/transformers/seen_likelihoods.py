"""How likely a network finds given continuations after pictures and words.

What a picture becomes among the tokens (masks, places of rows and columns, layers of its own) each
class of networks settles while it writes. So its own `generate` writes here, from the inputs that
an answer would be written from; it is made to take the continuation's tokens one after the other,
and at each of them is read how likely it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import transformers as untyped_transformers
from transformers.generation.logits_process import LogitsProcessorList

from evalharness.backends.transformers.drawing import Follow
from evalharness.backends.transformers.likelihoods import Tokens, parted, refuse_long
from evalharness.backends.transformers.loading import Loaded
from evalharness.backends.transformers.talk import Asked, Talk
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Job
from evalharness.core.outcomes import Likelihood, Likelihoods

transformers: Any = untyped_transformers

NEVER = -1
"""A token that no text has: a continuation does not end before its end."""


@dataclass(frozen=True, slots=True)
class SeenLikelihoods:
    """Asks one network; `room` is how many tokens it holds, None where there is no limit."""

    loaded: Loaded
    talk: Talk
    room: int | None

    @torch.inference_mode()
    def of(self, job: Job, size: int) -> Likelihoods:
        """Natural logarithms of p(continuation | pictures, text), `size` continuations at a time.

        Text and continuation are parted as where there is no picture. Raises BadInputError for
        pictures that are gone and for a class that cannot be asked, TooLongError, ValueError where
        a continuation has no tokens.
        """
        texts = job.prompt.continuations
        bare, rows = parted(self.loaded, self.talk.worded(job), texts, self.talk.templated)
        afters = [after for _, after in rows]
        found: list[Likelihood] = []
        for start in range(0, len(texts), size):
            some = slice(start, start + size)
            asked = Asked(job, bare, 0)
            found += self._batch(asked, texts[some], afters[some])
        return Likelihoods(tuple(found))

    def _batch(
        self, asked: Asked, texts: Sequence[str], afters: Sequence[Tokens]
    ) -> list[Likelihood]:
        inputs = self.talk.inputs([asked] * len(texts))
        longest = max(map(len, afters))
        refuse_long(self.loaded, int(inputs["input_ids"].shape[1]) + longest, self.room)
        filler = self.loaded.tokenizer.pad_token_id or 0
        tokens = torch.tensor(
            [[*after, *[filler] * (longest - len(after))] for after in afters],
            device=self.loaded.device,
        )
        logs, greedy = self._followed(inputs, tokens)
        return [
            Likelihood(
                text,
                float(logs[row, : len(after)].sum()),
                len(after),
                bool(greedy[row, : len(after)].all()),
            )
            for row, (text, after) in enumerate(zip(texts, afters, strict=True))
        ]

    def _followed(self, inputs: Any, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(rows, steps): log-probability of each token, and whether it was the likeliest."""
        network, steps = self.loaded.network, tokens.shape[1]
        if not network.can_generate():
            raise BadInputError(f"{self._named()} does not write, so it cannot be asked this.")
        config = transformers.GenerationConfig(
            do_sample=False,
            num_beams=1,
            max_new_tokens=steps,
            eos_token_id=NEVER,
            pad_token_id=self.loaded.tokenizer.pad_token_id,
            return_dict_in_generate=True,
            output_logits=True,
            use_cache=True,
        )
        given = network.generate(
            **inputs,
            generation_config=config,
            logits_processor=LogitsProcessorList([Follow(tokens)]),
        )
        told = getattr(given, "logits", None)
        if told is None or len(told) != steps:
            raise BadInputError(
                f"{self._named()} writes in a way of its own that tells no likelihoods of tokens. "
                "Ask for an answer instead (checks.choices)."
            )
        picked = [logits.argmax(dim=-1) for logits in told]
        logs = [
            torch.log_softmax(logits.float(), dim=-1).gather(1, tokens[:, step, None])[:, 0]
            for step, logits in enumerate(told)
        ]
        return torch.stack(logs, dim=1), torch.stack(picked, dim=1) == tokens

    def _named(self) -> str:
        return f"The network's class {type(self.loaded.network).__name__}"
