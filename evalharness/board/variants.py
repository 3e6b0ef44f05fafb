"""Which variants of a model a board shows, and what tells them apart.

A variant is a model under its settings. By default each model stands once, with the variant that
has the most outputs, so that a quick try with other settings displaces no full result.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias

from evalharness.core.outcomes import TERMINAL

if TYPE_CHECKING:
    import duckdb

    from evalharness.core.nouns import Json

Variants: TypeAlias = Literal["fullest", "all"]
"""`fullest`: of each model the variant with the most terminal outputs, of equals one that more than
a gate asked for (a candidate under its baseline's name takes no model's place), and of those the
one planned last. `all`: every variant with an output, and of models without any, that one."""

FINAL = ", ".join(f"'{status}'" for status in sorted(TERMINAL))
"""The terminal statuses as an SQL list."""

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Variant:
    """A model under its settings in a suite: one row of a board."""

    model: str
    title: str
    variant: str
    licence: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    model: str
    title: str
    variant: str
    licence: str | None
    revision: str
    settings: str | None
    tried: bool

    def shown(self, label: str = "") -> Variant:
        title = f"{self.title} ({label})" if label else self.title
        return Variant(self.model, title, self.variant, self.licence)


def variants_of(
    connection: duckdb.DuckDBPyConnection, digest: str, which: Variants = "fullest"
) -> dict[str, tuple[Variant, ...]]:
    """By model name: the variants to show of a suite, the fullest first.

    Where a model shows several, their titles say what differs: the settings that are not the
    same everywhere, else the revision.
    """
    rows = connection.execute(
        f"""
        WITH gates AS (SELECT run FROM runs WHERE command = 'gate'),
        asked AS (
            SELECT m.model, m.variant, max(m.made_at) AS planned_at,
                   count(*) FILTER (o.final) AS finished, count(o.job_key) > 0 AS tried,
                   bool_or(o.run) AS run
            FROM members m
            LEFT JOIN (SELECT job_key, bool_or(status IN ({FINAL})) AS final,
                              bool_or(run NOT IN (FROM gates)) AS run
                       FROM outputs GROUP BY job_key) o ON o.job_key = m.job_key
            WHERE m.suite = $suite GROUP BY m.model, m.variant
        )
        SELECT a.model, coalesce(nullif(v.title, ''), a.model), a.variant, v.licence,
               coalesce(v.revision, ''), v.settings, a.tried
        FROM asked a LEFT JOIN models v ON v.variant = a.variant AND v.model = a.model
        ORDER BY a.model, a.finished DESC, coalesce(a.run OR v.run NOT IN (FROM gates), false) DESC,
                 a.planned_at DESC, a.variant
        """,
        {"suite": digest},
    ).fetchall()
    by_model = groupby((_Found(*row) for row in rows), key=lambda found: found.model)
    return {model: tuple(_choose(list(found), which)) for model, found in by_model}


def _choose(found: Sequence[_Found], which: Variants) -> Iterator[Variant]:
    """The variants of one model to show, of `found` in their order."""
    shown = [one for one in found if one.tried] if which == "all" else []
    shown = shown or [found[0]]
    if len(shown) == 1:
        yield shown[0].shown()
        return
    for one, label in zip(shown, _labels(shown), strict=True):
        yield one.shown(label)


def _labels(shown: Sequence[_Found]) -> list[str]:
    """What tells variants of one model apart: settings, then revisions, then their digests."""
    labels = _settings_labels([json.loads(one.settings or "{}") for one in shown])
    revisions = [one.revision.removeprefix("sha256:")[:_DIGITS] for one in shown]
    for more in (revisions, [one.variant[:_DIGITS] for one in shown]):
        counts = Counter(labels)
        if max(counts.values()) > 1 and len(set(more)) > 1:
            labels = [
                ", ".join(part for part in (label, extra * (counts[label] > 1)) if part)
                for label, extra in zip(labels, more, strict=True)
            ]
    return labels


def _settings_labels(settings: Sequence[Mapping[str, Json]]) -> list[str]:
    """`steps=4, width=20` for each: the settings that not all have alike."""
    names = sorted({name for one in settings for name in one})
    written = [{name: _written(one, name) for name in names} for one in settings]
    differing = [name for name in names if len({one[name] for one in written}) > 1]
    return [", ".join(f"{name}={one[name]}" for name in differing) for one in written]


def _written(settings: Mapping[str, Json], name: str) -> str:
    if name not in settings:
        return "unset"
    value = settings[name]
    return value if isinstance(value, str) else json.dumps(value)
