"""Checks that a suite's seeds, metrics and reference pass wherever they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalharness.catalog import registry
from evalharness.catalog.documents import Document, Place
from evalharness.catalog.metrics import expand_metrics
from evalharness.core.contracts import Kind
from evalharness.core.errors import HarnessError
from evalharness.core.nouns import Modality, Suite

_KINDS: Mapping[Modality, frozenset[Kind]] = {
    "image": frozenset({"picture"}),
    "text": frozenset({"text", "likelihoods"}),
}


def distinct_seeds(seeds: Sequence[int], document: Document) -> tuple[int, ...]:
    """The seeds; raises BadInputError when one is there twice."""
    doubles = sorted({seed for seed in seeds if seeds.count(seed) > 1})
    if doubles:
        raise document.problem(("seeds",), f"the seed {doubles[0]} twice", "every seed once")
    return tuple(seeds)


def full_metrics(given: Sequence[str], modality: Modality, document: Document) -> tuple[str, ...]:
    """The full names, each checked to exist and to fit what the models answer with.

    Raises UnknownNameError and BadInputError, naming the metric's place in the document.
    """
    names: dict[str, int] = {}
    for index, written in enumerate(given):
        place = ("metrics", index)
        try:
            choices = expand_metrics([written])
        except HarnessError as error:
            raise type(error)(f"{document.where(place)}: {error}") from None
        for choice in choices:
            if not _KINDS[modality] & choice.metric.facts.applies_to:
                kinds = " or ".join(sorted(choice.metric.facts.applies_to))
                raise document.problem(
                    place, f"{written!r}, which scores {kinds} answers", f"one for {modality}s"
                )
            if names.setdefault(choice.name, index) != index:
                raise document.problem(place, f"{choice.name!r} again", "every metric once")
    return tuple(names)


def check_reference(suite: Suite, document: Document) -> None:
    """Raise BadInputError for a reference of an unknown form, or none where one is needed."""
    place = ("reference",)
    if suite.reference is None:
        expected = "their source, such as tinyworld:1024"
        check_reference_is_there(suite, document, place, expected)
        return
    if not registry.is_reference(suite.reference):
        forms = " or ".join(f"{name}:…" for name in sorted(registry.names("references")))
        raise document.problem(place, repr(suite.reference), forms)


def check_reference_is_there(suite: Suite, document: Document, place: Place, expected: str) -> None:
    """Raise BadInputError when a metric compares with reference pictures and there are none."""
    if suite.reference is not None:
        return
    for choice in expand_metrics(suite.metrics):
        if "reference" in choice.metric.facts.needs:
            found = f"no reference, but {choice.name} compares with reference pictures"
            raise document.problem(place, found, expected)
