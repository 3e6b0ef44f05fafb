"""What a licence allows, from its name: a first sieve, never legal advice."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from evalharness.core.brief import LicenceClass

Allowed: TypeAlias = Literal["permissive", "commercial", "non-commercial", "unknown"]

_NON_COMMERCIAL = re.compile(r"non-?\s?commercial|\bnc\b|research[- ]only|\bnscl\b", re.IGNORECASE)
_PERMISSIVE = re.compile(
    r"^(apache|mit\b|bsd|isc\b|cc0|cc[- ]by[- ]\d|unlicen[cs]e|public domain|0bsd)", re.IGNORECASE
)
_COMMERCIAL = re.compile(r"openrail|community licen[cs]e|gemma|llama|cc[- ]by[- ]sa", re.IGNORECASE)
_ENOUGH: dict[LicenceClass, frozenset[Allowed]] = {
    "permissive": frozenset({"permissive"}),
    "commercial": frozenset({"permissive", "commercial"}),
    "any": frozenset({"permissive", "commercial", "non-commercial", "unknown"}),
}


def allowed(licence: str | None) -> Allowed:
    """The class of a licence; what is not recognised is unknown, and promises nothing."""
    name = (licence or "").strip()
    if _NON_COMMERCIAL.search(name):
        return "non-commercial"
    if _PERMISSIVE.search(name):
        return "permissive"
    return "commercial" if _COMMERCIAL.search(name) else "unknown"


def suffices(licence: str | None, limit: LicenceClass) -> bool:
    """Whether a licence keeps to a limit."""
    return allowed(licence) in _ENOUGH[limit]
