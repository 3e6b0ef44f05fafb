"""The outputs a metric applies to, each with the feature keys it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evalharness.catalog.metrics import MetricChoice
from evalharness.core.contracts import Subject
from evalharness.core.keys import prompt_digest, score_key, text_subject
from evalharness.core.nouns import Prompt
from evalharness.runner.features import StoredFeature
from evalharness.runner.known import KnownOutput
from evalharness.runner.looking import Look


@dataclass(frozen=True, slots=True)
class Measured:
    """An output to be measured: its prompt, the keys of the features read, the score's key."""

    prompt: Prompt
    prompt_digest: str
    output: KnownOutput
    reads: Mapping[Subject, str]
    key: str

    def problem(self, features: Mapping[str, StoredFeature]) -> str | None:
        """None if every feature is there; why looking failed; "" if nobody looked yet."""
        for key in self.reads.values():
            feature = features.get(key)
            if feature is None:
                return ""
            if feature.vector is None and feature.text is None:
                return feature.reason or "the extractor gave nothing"
        return None


def measured(
    choice: MetricChoice,
    look: Look | None,
    asked: Iterable[tuple[Prompt, str]],
    outputs: Mapping[str, KnownOutput],
) -> list[Measured]:
    """The finished outputs among those asked (prompt, job key) whose kind the metric applies to."""
    facts = choice.metric.facts
    found = []
    prompts: dict[str, tuple[str, str]] = {}
    for prompt, job_key in asked:
        output = outputs.get(job_key)
        if output is None or output.kind not in facts.applies_to:
            continue
        if prompt.id not in prompts:  # once a prompt, not once an output
            seen = "" if look is None else look.key(text_subject(prompt.text))
            prompts[prompt.id] = prompt_digest(prompt), seen
        digest, seen = prompts[prompt.id]
        reads: dict[Subject, str] = {}
        if look is not None and "output" in facts.needs:
            reads["output"] = look.key(output.subject)
        if look is not None and "prompt" in facts.needs:
            reads["prompt"] = seen
        key = score_key(
            choice.name,
            facts.version,
            [job_key, f"{output.take}.{output.attempt}", digest, *sorted(reads.values())],
        )
        found.append(Measured(prompt, digest, output, reads, key))
    return found
