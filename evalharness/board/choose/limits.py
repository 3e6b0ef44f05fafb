"""Hard limits first: which of them every model breaks, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalharness.board.facts import Facts
from evalharness.board.licences import allowed, suffices
from evalharness.catalog.addresses import on_this_machine
from evalharness.core.brief import Limits


@dataclass(frozen=True, slots=True)
class Violation:
    """One limit that a model breaks, in words.

    `excess` is found / limit − 1, and None where the fact is unknown or no number.
    """

    limit: str
    found: str
    asked: str
    excess: float | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A model that breaks limits; `nearest` marks the one that misses by least."""

    model: str
    violations: tuple[Violation, ...]
    nearest: bool = False


def reject(
    models: Sequence[str], found: Sequence[Facts], limits: Limits
) -> tuple[dict[int, Rejected], list[int]]:
    """Those that break a limit, by place, and the places of those that break none."""
    broken = {i: tuple(_violations(one, limits)) for i, one in enumerate(found)}
    admitted = [i for i, violations in broken.items() if not violations]
    rejected = {i: Rejected(models[i], v) for i, v in broken.items() if v}
    misses = {i: _miss(r.violations) for i, r in rejected.items()}
    if rejected:
        nearest = min(misses, key=lambda i: misses[i])
        rejected[nearest] = Rejected(models[nearest], rejected[nearest].violations, nearest=True)
    return rejected, admitted


def _miss(violations: Sequence[Violation]) -> tuple[int, int, float]:
    """Fewest broken limits first, then those that can be put in numbers, then the excess."""
    known = [v.excess for v in violations if v.excess is not None]
    return len(violations), len(violations) - len(known), max(known, default=0.0)


def _violations(found: Facts, limits: Limits) -> Iterator[Violation]:
    numbers = (
        ("p95 latency", found.latency_p95_s, limits.latency_p95_s, "s"),
        ("peak memory", found.peak_memory_gib, limits.peak_memory_gib, "GiB"),
        ("cost per 1,000", found.cost_per_1000, limits.cost_per_1000, "US$"),
    )
    for title, value, limit, unit in numbers:
        if limit is None or (value is not None and value <= limit):
            continue
        told = "unknown" if value is None else f"{value:.3g} {unit}"
        excess = None if value is None or limit == 0 else value / limit - 1
        yield Violation(title, told, f"at most {limit:.3g} {unit}", excess)
    if not suffices(found.licence, limits.licence):
        told = f"{found.licence or 'no licence stated'} ({allowed(found.licence)})"
        yield Violation("licence", told, limits.licence)
    if limits.offline and not on_this_machine(found.source):
        yield Violation("offline", f"served at {found.source}", "a model on this machine")
