"""What is recorded of a model, leaf by leaf, to be held against another's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from evalharness.core.nouns import Json

_TOLD_ELSEWHERE = frozenset({"name", "title", "settings", "revision"})
"""Of a specification: names are a model's own, settings and revision stand elsewhere resolved."""


def specified(specification: Mapping[str, Json]) -> dict[str, Json]:
    """What a specification alone says of a model."""
    return {name: value for name, value in specification.items() if name not in _TOLD_ELSEWHERE}


def leaves(value: Json | Mapping[str, Json], prefix: str = "") -> Iterator[tuple[str, str]]:
    """`a.b` and its value for every leaf of nested objects but None; lists are leaves."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{prefix}.{name}" if prefix else name)
    elif value is not None:
        yield prefix, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
