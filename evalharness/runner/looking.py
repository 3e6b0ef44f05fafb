"""What the metrics of a suite need to have looked at, and which of it is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalharness.catalog import registry
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import HarnessError
from evalharness.core.keys import digest, feature_key, text_subject
from evalharness.core.nouns import Instrument, Resolution
from evalharness.runner.known import Known, KnownOutput
from evalharness.runner.plan import SuitePlan


@dataclass(frozen=True, slots=True)
class Look:
    """An instrument ready to be used: its weights found, its keys computable."""

    instrument: Instrument
    entry: ExtractorEntry
    resolution: Resolution

    def key(self, subject: str) -> str:
        """The feature key of a subject seen through this instrument."""
        return feature_key(subject, self.instrument, self.resolution.revision, self.entry.version)


@dataclass(frozen=True, slots=True)
class ReferenceSet:
    """A suite's reference pictures: the source, its argument, and the set's digest."""

    source: str
    argument: str
    base: Path
    digest: str


@dataclass(slots=True)
class Wanted:
    """Subjects one instrument has yet to see: feature key → artifact sha256 or text."""

    look: Look
    pictures: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    references: dict[str, ReferenceSet] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.pictures) + len(self.texts) + len(self.references)


def find_look(instrument: Instrument) -> Look:
    """Resolve an instrument's weights; raises MissingWeightsError, UntrustedWeightsError."""
    entry = registry.extractor(instrument.extractor)
    return Look(instrument, entry, entry.resolve(instrument))


def find_looks(plans: Iterable[SuitePlan]) -> tuple[dict[str, Look], dict[str, str]]:
    """Every instrument the plans name, and for those that cannot be used the reason."""
    looks: dict[str, Look] = {}
    unusable: dict[str, str] = {}
    for plan in plans:
        for choice in plan.metrics:
            instrument = choice.instrument
            if instrument is None or instrument.name in looks or instrument.name in unusable:
                continue
            try:
                looks[instrument.name] = find_look(instrument)
            except HarnessError as error:
                unusable[instrument.name] = str(error)
    return looks, unusable


def find_reference(plan: SuitePlan) -> ReferenceSet | None:
    """The reference set a suite names, keyed by what its source would give."""
    if plan.suite.reference is None:
        return None
    source, _, argument = plan.suite.reference.partition(":")
    identity = registry.reference(source).identity(argument, plan.base)
    return ReferenceSet(
        source, argument, plan.base, digest({"source": source, "identity": identity})
    )


def missing_looks(
    plans: Sequence[SuitePlan],
    looks: Mapping[str, Look],
    outputs: Mapping[str, KnownOutput],
    known: Known,
) -> list[Wanted]:
    """Per instrument, the subjects without a stored feature."""
    wanted = {name: Wanted(look) for name, look in looks.items()}
    for plan in plans:
        for choice in plan.metrics:
            if choice.instrument is not None and choice.instrument.name in wanted:
                _want(wanted[choice.instrument.name], choice.metric.facts.needs, plan, outputs)
    for want in wanted.values():
        _drop_known(want, known)
    return [want for want in wanted.values() if len(want)]


def _want(
    want: Wanted, needs: frozenset[str], plan: SuitePlan, outputs: Mapping[str, KnownOutput]
) -> None:
    look = want.look
    jobs = [pair for model in plan.models for pair in model.jobs]
    if "output" in needs:
        for _, job in jobs:
            output = outputs.get(job.key)
            if output is not None and output.kind == "picture":
                want.pictures[look.key(output.sha256)] = output.sha256
            elif output is not None and output.kind == "text" and output.text is not None:
                want.texts[look.key(text_subject(output.text))] = output.text
    if "prompt" in needs:
        for prompt, _ in jobs:
            want.texts[look.key(text_subject(prompt.text))] = prompt.text
    reference = find_reference(plan) if "reference" in needs else None
    if reference is not None:
        want.references[reference.digest] = reference


def _drop_known(want: Wanted, known: Known) -> None:
    seen = known.ok_features([*want.pictures, *want.texts])
    for key in seen:
        want.pictures.pop(key, None)
        want.texts.pop(key, None)
    for reference in list(want.references):
        subjects = known.reference_subjects(reference)
        keys = [want.look.key(subject) for subject in subjects]
        if subjects and len(known.ok_features(keys)) == len(set(keys)):
            del want.references[reference]
