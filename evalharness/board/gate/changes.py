"""What is not as it was with the subject: weights, settings, specification, libraries, device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalharness.board.gate.verdict import Change, What
from evalharness.board.numbers import MISSING
from evalharness.board.specified import leaves, specified
from evalharness.core.baseline import ModelTake
from evalharness.core.nouns import Json


def changes(before: ModelTake, after: ModelTake) -> tuple[Change, ...]:
    """Everything recorded of two takes that differs."""
    return tuple(_changes(before, after))


def _changes(before: ModelTake, after: ModelTake) -> Iterator[Change]:
    if before.revision != after.revision:
        yield Change("model", "weights", before.revision, after.revision)
    yield from _differing("model", specified(before.specification), specified(after.specification))
    yield from _differing("settings", before.settings, after.settings)
    yield from _differing("environment", before.environment, after.environment)
    statuses: list[Mapping[str, Json]] = [dict(take.statuses) for take in (before, after)]
    yield from _differing("statuses", statuses[0], statuses[1])


def _differing(
    what: What, before: Mapping[str, Json], after: Mapping[str, Json]
) -> Iterator[Change]:
    old, new = dict(leaves(before)), dict(leaves(after))
    for name in {**old, **new}:
        first, second = old.get(name, MISSING), new.get(name, MISSING)
        if first != second:
            yield Change(what, name, first, second)
