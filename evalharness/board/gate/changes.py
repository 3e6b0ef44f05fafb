"""What is not as it was with the subject: weights, settings, specification, libraries, device."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from evalharness.board.gate.verdict import Change, What
from evalharness.core.baseline import ModelTake
from evalharness.core.nouns import Json

_TOLD_ELSEWHERE = frozenset({"name", "title", "settings", "revision"})
"""Of a specification: settings and weights stand there resolved."""
_ABSENT = "–"


def changes(before: ModelTake, after: ModelTake) -> tuple[Change, ...]:
    """Everything recorded of two takes that differs."""
    return tuple(_changes(before, after))


def _changes(before: ModelTake, after: ModelTake) -> Iterator[Change]:
    if before.revision != after.revision:
        yield Change("model", "weights", before.revision, after.revision)
    specified = [
        {name: value for name, value in take.specification.items() if name not in _TOLD_ELSEWHERE}
        for take in (before, after)
    ]
    yield from _differing("model", specified[0], specified[1])
    yield from _differing("settings", before.settings, after.settings)
    yield from _differing("environment", before.environment, after.environment)
    statuses: list[Mapping[str, Json]] = [dict(take.statuses) for take in (before, after)]
    yield from _differing("statuses", statuses[0], statuses[1])


def _differing(
    what: What, before: Mapping[str, Json], after: Mapping[str, Json]
) -> Iterator[Change]:
    old, new = dict(_flat(before)), dict(_flat(after))
    for name in {**old, **new}:
        first, second = old.get(name, _ABSENT), new.get(name, _ABSENT)
        if first != second:
            yield Change(what, name, first, second)


def _flat(value: Json | Mapping[str, Json], prefix: str = "") -> Iterator[tuple[str, str]]:
    """`a.b` and its value for every leaf of nested objects; lists are leaves."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else name)
    elif value is not None:
        yield prefix, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
