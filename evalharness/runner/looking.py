"""What the metrics of a suite need to have looked at, and which of it is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from evalharness.catalog import registry
from evalharness.catalog.metrics import MetricChoice
from evalharness.core.errors import BadInputError, HarnessError
from evalharness.core.keys import (
    change_subject,
    digest,
    exchange_subject,
    pair_subject,
    text_subject,
)
from evalharness.core.measures import MetricFacts
from evalharness.core.nouns import Job, Prompt
from evalharness.core.outcomes import Picture, Status
from evalharness.ledger.known_outputs import KnownOutput
from evalharness.ledger.subjects import ChangeOf, changes, counts
from evalharness.runner.known import Known
from evalharness.runner.look import Look, find_look
from evalharness.runner.plan import SuitePlan


@dataclass(frozen=True, slots=True)
class ReferenceSet:
    """A suite's reference: the source, its argument, and the digest of what it would give."""

    source: str
    argument: str
    base: Path
    digest: str

    @property
    def has_pictures(self) -> bool:
        """Whether there is something to look at; published moments have been made already."""
        return registry.reference(self.source).pictures is not None

    def pictures(self) -> Iterator[Picture]:
        """Its pictures in order, decoded; raises BadInputError for what cannot be read."""
        read = registry.reference(self.source).pictures
        assert read is not None
        yield from read(self.argument, self.base)


@dataclass(slots=True)
class Wanted:
    """Subjects one instrument has yet to see, by feature key.

    Pictures are artifacts' sha256, pairs (sha256, text), exchanges (answer, what is asked of it).
    """

    look: Look
    pictures: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, tuple[str, str]] = field(default_factory=dict)
    exchanges: dict[str, tuple[str, str]] = field(default_factory=dict)
    changes: dict[str, ChangeOf] = field(default_factory=dict)
    references: dict[str, ReferenceSet] = field(default_factory=dict)

    def keys(self) -> Iterator[str]:
        """The keys of every subject that is no reference."""
        return chain(self.pictures, self.texts, self.pairs, self.exchanges, self.changes)

    def __len__(self) -> int:
        return sum(1 for _ in self.keys()) + len(self.references)

    def want_output(self, facts: MetricFacts, output: KnownOutput) -> None:
        """Add the output itself, if the metric looks at it."""
        if "output" not in facts.needs or output.subject is None:
            return
        if output.text is not None:
            self.texts[self.look.key(output.subject)] = output.text
        elif output.sha256 is not None:
            self.pictures[self.look.key(output.subject)] = output.sha256

    def want_together(
        self, facts: MetricFacts, prompt: Prompt, texts: Sequence[str], output: KnownOutput
    ) -> None:
        """Add the output together with texts, or with the prompt's own pictures."""
        key, answer, picture = self.look.key, output.words, output.sha256
        if "exchange" in facts.needs and answer is not None:
            of = text_subject(answer)
            self.exchanges |= {key(exchange_subject(of, one)): (answer, one) for one in texts}
        if output.kind != "picture" or picture is None:
            return
        if "pair" in facts.needs:
            self.pairs |= {key(pair_subject(picture, one)): (picture, one) for one in texts}
        if "change" in facts.needs:
            for change in changes(prompt.images, picture):
                self.changes[key(change_subject(*change))] = change


def told(wanted: Sequence[Wanted]) -> str:
    """How much is to be seen; how many pictures a reference has nobody knows yet."""
    sets = sum(len(want.references) for want in wanted)
    subjects = sum(map(len, wanted)) - sets
    parts = (subjects, "subject"), (sets, "reference set")
    return " and ".join(f"{n:,} {what}{'s' * (n != 1)}" for n, what in parts if n)


@dataclass(slots=True)
class Sights:
    """What the metrics of some suites can look with: instruments by name, references by suite.

    `problems` say why an instrument or a suite's reference cannot be used.
    """

    looks: dict[str, Look] = field(default_factory=dict)
    references: dict[str, ReferenceSet] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def look(self, choice: MetricChoice) -> Look | None:
        """The look a metric reads through; None if it needs none or it cannot be used."""
        return None if choice.instrument is None else self.looks.get(choice.instrument.name)

    def allow(self, plan: SuitePlan, choice: MetricChoice) -> bool:
        """Whether everything that a metric reads can be had."""
        if choice.instrument is not None and choice.instrument.name not in self.looks:
            return False
        return "reference" not in choice.metric.facts.needs or plan.digest in self.references


def find_sights(
    plans: Iterable[SuitePlan], *, fetching: bool = True, executing: bool = False
) -> Sights:
    """Every instrument and reference that the plans name, before any work is done with them.

    Not `fetching`, a reference that would have to be downloaded to be told is a problem; not
    `executing`, so is an instrument that runs what models wrote.
    """
    sights = Sights()
    for plan in plans:
        for choice in plan.metrics:
            instrument = choice.instrument
            if instrument is not None and instrument.name not in {
                **sights.looks,
                **sights.problems,
            }:
                try:
                    sights.looks[instrument.name] = find_look(instrument, executing=executing)
                except HarnessError as error:
                    sights.problems[instrument.name] = str(error)
        if any("reference" in choice.metric.facts.needs for choice in plan.metrics):
            try:
                sights.references[plan.digest] = find_reference(plan, fetching=fetching)
            except HarnessError as error:
                sights.problems[f"reference of {plan.suite.name}"] = str(error)
    return sights


def find_reference(plan: SuitePlan, *, fetching: bool = True) -> ReferenceSet:
    """The reference set a suite names, keyed by what its source would give."""
    written = plan.suite.reference
    if written is None:
        raise BadInputError(f"The suite {plan.suite.name} names no reference pictures.")
    source, _, argument = written.partition(":")
    if not fetching and not registry.reference(source).at_hand(argument, plan.base):
        raise BadInputError(f"{written} is not on this machine yet; a run fetches it.")
    return reference_set(written, plan.base)


def reference_set(written: str, base: Path) -> ReferenceSet:
    """The set that `SOURCE:ARGUMENT` means; raises HarnessError where it cannot be had."""
    source, _, argument = written.partition(":")
    identity = registry.reference(source).identity(argument, base)
    return ReferenceSet(source, argument, base, digest({"source": source, "identity": identity}))


def missing_looks(
    plans: Sequence[SuitePlan],
    sights: Sights,
    outputs: Mapping[str, KnownOutput],
    known: Known,
) -> list[Wanted]:
    """Per instrument, the subjects without a stored feature."""
    wanted = {name: Wanted(look) for name, look in sights.looks.items()}
    for plan in plans:
        for choice in plan.metrics:
            if choice.instrument is None or not sights.allow(plan, choice):
                continue
            want, facts = wanted[choice.instrument.name], choice.metric.facts
            _want(want, facts, plan, outputs)
            if "reference" in facts.needs:
                reference = sights.references[plan.digest]
                if reference.has_pictures:
                    want.references[reference.digest] = reference
    for want in wanted.values():
        drop_known(want, known)
    return [want for want in wanted.values() if len(want)]


def _want(
    want: Wanted, facts: MetricFacts, plan: SuitePlan, outputs: Mapping[str, KnownOutput]
) -> None:
    look, needs = want.look, facts.needs
    for prompt, jobs in _jobs_by_prompt(plan):
        if not facts.applies(prompt):
            continue
        texts = facts.asks(prompt) if needs & {"prompt", "pair", "exchange"} else ()
        if "prompt" in needs:
            want.texts.update((look.key(text_subject(text)), text) for text in texts)
        if "input" in needs:
            want.pictures.update((look.key(p.sha256), p.sha256) for p in prompt.images)
        for job in jobs:
            output = outputs.get(job.key)
            if output is not None and counts(facts, output) and output.status is Status.OK:
                want.want_output(facts, output)
                want.want_together(facts, prompt, texts, output)


def _jobs_by_prompt(plan: SuitePlan) -> Iterator[tuple[Prompt, list[Job]]]:
    """The plan's jobs of all models, together for each prompt."""
    jobs: dict[str, list[Job]] = {}
    prompts: dict[str, Prompt] = {}
    for model in plan.models:
        for prompt, job in model.jobs:
            prompts[prompt.id] = prompt
            jobs.setdefault(prompt.id, []).append(job)
    return ((prompt, jobs[name]) for name, prompt in prompts.items())


def drop_known(want: Wanted, known: Known) -> None:
    """Take out what has been seen before."""
    for key in known.ok_features(want.keys()):
        subjects: tuple[dict[str, Any], ...] = (want.pictures, want.texts, want.pairs)
        for held in (*subjects, want.exchanges, want.changes):
            held.pop(key, None)
    for reference in _whole_references(want, known):
        del want.references[reference]


def _whole_references(want: Wanted, known: Known) -> list[str]:
    """Those of the wanted references (their digests) that every feature is stored of."""
    whole = []
    for reference in want.references:
        subjects = known.reference_subjects(reference)
        keys = [want.look.key(subject) for subject in subjects]
        if subjects and len(known.ok_features(keys)) == len(set(keys)):
            whole.append(reference)
    return whole
