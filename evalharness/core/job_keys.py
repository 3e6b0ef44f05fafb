"""Identity keys of jobs: what an answer hangs on, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from evalharness.core.keys import KeyPattern, plain, prompt_inputs
from evalharness.core.likelihoods import picture_labels
from evalharness.core.nouns import Json, Prompt, Settings

Reads: TypeAlias = Literal["inputs", "labels", "truth"]
"""What of a prompt answers hang on: its inputs; with the labels of a picture, which classifiers
choose from; or with all that says what is right, which only fakes know."""


def read_inputs(prompt: Prompt, reads: Reads) -> dict[str, Json]:
    """What the answer of a backend that `reads` so much of a prompt hangs on."""
    inputs = prompt_inputs(prompt)
    if reads == "truth" and (prompt.target is not None or prompt.checks):
        inputs["truth"] = [prompt.target, plain(dict(prompt.checks))]
    elif reads == "labels" and not prompt.continuations and (labels := picture_labels(prompt)):
        inputs["labels"] = list(labels)
    return inputs


@dataclass(frozen=True, slots=True)
class JobKeys:
    """Identity keys of a model's jobs under one choice of settings.

    Never in them: batch size, device, engine, paths, retries. Those are recorded, not identity.
    """

    pattern: KeyPattern
    reads: Reads

    @staticmethod
    def of(
        model: str, backend_version: int, settings: Settings, reads: Reads = "inputs"
    ) -> JobKeys:
        """The keys of a model (its `model_digest`) whose backend `reads` so much of a prompt."""
        alike: dict[str, Json] = {
            "model": model,
            "backend_version": backend_version,
            "settings": plain(dict(settings)),
        }
        return JobKeys(KeyPattern.of(alike, "inputs", "seed"), reads)

    def of_prompt(self, prompt: Prompt) -> KeyPattern:
        """The keys of one prompt's jobs, by seed."""
        return self.pattern.given(read_inputs(prompt, self.reads))


def job_key(
    model: str,
    backend_version: int,
    prompt: Prompt,
    seed: int,
    settings: Settings,
    reads: Reads = "inputs",
) -> str:
    """Identity key of one job (see `JobKeys`)."""
    return JobKeys.of(model, backend_version, settings, reads).of_prompt(prompt).key(seed)
