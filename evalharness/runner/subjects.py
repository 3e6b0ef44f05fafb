"""The outputs a metric applies to, each with the feature keys it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evalharness.catalog.metrics import MetricChoice
from evalharness.core.keys import pair_subject, prompt_digest, score_key, text_subject
from evalharness.core.measures import MetricFacts
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Status
from evalharness.core.tables import Subject
from evalharness.runner.features import Features
from evalharness.runner.known import KnownOutput
from evalharness.runner.looking import Look


@dataclass(frozen=True, slots=True)
class Measured:
    """An output to be measured: its prompt, the keys of the features read, the score's key.

    `applies` is False where the metric has nothing to say about answers to this prompt.
    """

    prompt: Prompt
    prompt_digest: str
    output: KnownOutput
    reads: Mapping[Subject, tuple[str, ...]]
    key: str
    applies: bool

    def problem(self, features: Features) -> str | None:
        """None if every feature is there; why looking failed; "" if nobody looked yet."""
        for keys in self.reads.values():
            for key in keys:
                problem = features.problem(key)
                if problem is not None:
                    return problem
        return None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a metric makes of a prompt: found once a prompt, not once an output."""

    digest: str
    applies: bool
    texts: tuple[str, ...]


def measured(
    choice: MetricChoice,
    look: Look | None,
    asked: Iterable[tuple[Prompt, str]],
    outputs: Mapping[str, KnownOutput],
) -> list[Measured]:
    """The finished outputs among those asked (prompt, job key) whose kind the metric applies to."""
    facts = choice.metric.facts
    found = []
    prompts: dict[str, _Asked] = {}
    for prompt, job_key in asked:
        output = outputs.get(job_key)
        if output is None or not counts(facts, output):
            continue
        if prompt.id not in prompts:
            applies = facts.applies(prompt)
            prompts[prompt.id] = _Asked(
                prompt_digest(prompt), applies, facts.asks(prompt) if applies else ()
            )
        one = prompts[prompt.id]
        reads = _reads(facts, look, output, one.texts) if one.applies else {}
        every = sorted(key for keys in reads.values() for key in keys)
        key = score_key(
            choice.name,
            facts.version,
            # whether a metric applies may hang on tags, which a prompt's digest leaves out
            [job_key, f"{output.take}.{output.attempt}", one.digest, *every]
            + ([] if one.applies else ["does not apply"]),
        )
        found.append(Measured(prompt, one.digest, output, reads, key, one.applies))
    return found


def counts(facts: MetricFacts, output: KnownOutput) -> bool:
    """Whether a metric reads an output of this status and kind."""
    if output.status is not Status.OK:
        return facts.counts == "finished"
    return output.kind in facts.applies_to


def _reads(
    facts: MetricFacts, look: Look | None, output: KnownOutput, texts: tuple[str, ...]
) -> dict[Subject, tuple[str, ...]]:
    if look is None or output.subject is None:
        return {}
    reads: dict[Subject, tuple[str, ...]] = {}
    if "output" in facts.needs:
        reads["output"] = (look.key(output.subject),)
    if "prompt" in facts.needs:
        reads["prompt"] = tuple(look.key(text_subject(text)) for text in texts)
    if "pair" in facts.needs:
        subject = output.subject
        reads["pair"] = tuple(look.key(pair_subject(subject, text)) for text in texts)
    return reads
