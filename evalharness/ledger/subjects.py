"""The outputs a metric applies to, each with the feature keys it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from evalharness.catalog.metrics import MetricChoice
from evalharness.core.keys import (
    change_subject,
    exchange_subject,
    pair_subject,
    prompt_digest,
    score_keys,
    text_subject,
)
from evalharness.core.measures import MetricFacts
from evalharness.core.nouns import InputPicture, Json, Prompt
from evalharness.core.outcomes import Status
from evalharness.core.tables import Subject
from evalharness.ledger.features import Features
from evalharness.ledger.known_outputs import KnownOutput

KeyOf: TypeAlias = Callable[[str], str]
"""The feature key of a subject seen through a metric's instrument."""

ChangeOf: TypeAlias = tuple[str, str, str | None]
"""The pictures of an edit by their sha256: before, after, and the one that marks a region."""


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
    """What a metric makes of a prompt: found once a prompt, not once an output.

    `keys` are those of the features of its `texts`.
    """

    digest: str
    applies: bool
    images: tuple[InputPicture, ...] = ()
    texts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @staticmethod
    def of(facts: MetricFacts, key: KeyOf | None, prompt: Prompt) -> _Asked:
        if not facts.applies(prompt):
            return _Asked(prompt_digest(prompt), False, prompt.images)
        texts = facts.asks(prompt)
        seen = texts if key is not None and "prompt" in facts.needs else ()
        keys = tuple(key(text_subject(text)) for text in seen) if key else ()
        return _Asked(prompt_digest(prompt), True, prompt.images, texts, keys)

    def reads(
        self, facts: MetricFacts, key: KeyOf | None, output: KnownOutput
    ) -> dict[Subject, tuple[str, ...]]:
        """The keys of what is read of an output that answers the prompt."""
        subject = output.subject
        if not self.applies or key is None or subject is None:
            return {}
        reads: dict[Subject, tuple[str, ...]] = {}
        if "output" in facts.needs:
            reads["output"] = (key(subject),)
        if "prompt" in facts.needs:
            reads["prompt"] = self.keys
        if "pair" in facts.needs:
            reads["pair"] = tuple(key(pair_subject(subject, text)) for text in self.texts)
        if "exchange" in facts.needs:
            about = (exchange_subject(subject, text) for text in self.texts)
            reads["exchange"] = tuple(key(one) for one in about)
        if "input" in facts.needs:
            reads["input"] = tuple(key(picture.sha256) for picture in self.images)
        if "change" in facts.needs:
            reads["change"] = tuple(
                key(change_subject(*change)) for change in changes(self.images, subject)
            )
        return reads


def measured(
    choice: MetricChoice,
    key: KeyOf | None,
    asked: Iterable[tuple[Prompt, str]],
    outputs: Mapping[str, KnownOutput],
) -> list[Measured]:
    """The finished outputs among those asked (prompt, job key) that the metric may read.

    To ok ones of another kind (likelihoods, where it reads texts) it does not apply. `key` is None
    for metrics that need no instrument.
    """
    facts = choice.metric.facts
    keys = score_keys(choice.name, facts.version)
    found = []
    prompts: dict[str, _Asked] = {}
    for prompt, job_key in asked:
        output = outputs.get(job_key)
        if output is None or not (counts(facts, output) or output.status is Status.OK):
            continue
        one = prompts.get(prompt.id)
        if one is None:
            one = prompts[prompt.id] = _Asked.of(facts, key, prompt)
        applies = one.applies and counts(facts, output)
        reads = one.reads(facts, key, output) if applies else {}
        every = sorted(key for keys in reads.values() for key in keys)
        of: list[Json] = [job_key, f"{output.take}.{output.attempt}", one.digest, *every]
        if not applies:  # which may hang on tags, and those a prompt's digest leaves out
            of.append("does not apply")
        if facts.priced:
            of.append(f"US$ {output.cost}")
        found.append(Measured(prompt, one.digest, output, reads, keys.key(of), applies))
    return found


def changes(images: Sequence[InputPicture], output: str) -> Iterator[ChangeOf]:
    """What an edit changed; nothing where the prompt has no picture.

    The first picture of a prompt is the one to be edited; a second one marks in white where.
    """
    if images:
        yield images[0].sha256, output, images[1].sha256 if len(images) > 1 else None


def counts(facts: MetricFacts, output: KnownOutput) -> bool:
    """Whether a metric reads an output of this status and kind."""
    if output.status is not Status.OK:
        return facts.counts == "finished"
    return output.kind in facts.applies_to
