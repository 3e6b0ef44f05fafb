"""Objects that a detector found in a picture, read from a feature's detail."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Self, TypeAlias, get_args

from evalharness.core.nouns import Json
from evalharness.metrics.features import UnmeasurableError

Relation: TypeAlias = Literal["left of", "right of", "above", "below"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
Box: TypeAlias = tuple[float, float, float, float]

MOST_PER_CLASS = 16
_MARGIN = 0.1
_ALIGNED = 0.5
_OVERLAPPING = 1e-3

_SAME = {
    "computer mouse": "mouse",
    "computer keyboard": "keyboard",
    "tv remote": "remote",
    "television": "tv",
    "gray": "grey",
}
"""Names under which published prompts and detectors mean the same."""


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A class or a colour in one spelling: `Computer mouse` and `mouse` are one."""
    folded = " ".join(name.casefold().replace("_", " ").split())
    return _SAME.get(folded, folded)


def same_name(one: str, other: str) -> bool:
    """Whether two names mean the same class or colour."""
    return plain_name(one) == plain_name(other)


@dataclass(frozen=True, slots=True)
class DetectedObject:
    """One detection: `label` is a `plain_name`, `box` x0, y0, x1, y1 in pixels, `colour` None where
    nobody looked at it.
    """

    label: str
    confidence: float
    box: Box
    colour: str | None

    def known_colour(self) -> str:
        """The colour; raises UnmeasurableError where the detector names none."""
        if self.colour is None:
            raise UnmeasurableError(
                "The instrument gives objects without colours, so colours cannot be judged. "
                "Choose a detector that names them."
            )
        return self.colour


@dataclass(frozen=True, slots=True)
class Detections:
    """What was found in one picture, the surest first."""

    objects: tuple[DetectedObject, ...]

    @classmethod
    def read(cls, detail: Json, confidence: float) -> Self:
        """The objects above `confidence` in a feature's detail; raises UnmeasurableError."""
        listed = detail.get("objects") if isinstance(detail, dict) else None
        if not isinstance(listed, list):
            raise UnmeasurableError(
                'A detector\'s detail has no list "objects". Extract it again with an instrument '
                "that finds objects."
            )
        found = sorted((_object(entry) for entry in listed), key=lambda o: -o.confidence)
        return cls(tuple(thing for thing in found if thing.confidence > confidence))

    def of(self, name: str) -> tuple[DetectedObject, ...]:
        """The objects of a class, the 16 surest at most."""
        wanted = plain_name(name)
        return tuple(o for o in self.objects if o.label == wanted)[:MOST_PER_CLASS]


def _object(entry: Json) -> DetectedObject:
    fields = entry if isinstance(entry, dict) else {}
    match fields:
        case {"label": str(label), "confidence": float() | int() as confidence, "box": list(found)}:
            corners = [float(x) for x in found if isinstance(x, int | float)]
            colour = fields.get("colour")
            if len(corners) == len(found) == 4 and all(map(math.isfinite, [*corners, confidence])):
                x0, y0, x1, y1 = corners
                named = colour if isinstance(colour, str) else None
                box = (x0, y0, x1, y1)
                return DetectedObject(plain_name(label), float(confidence), box, named)
    raise UnmeasurableError(
        f"A detected object is {entry!r}; expected a label, a finite confidence and a box of four "
        "finite numbers. Check the instrument's weights."
    )


def relations(one: Sequence[float], other: Sequence[float]) -> frozenset[Relation]:
    """Where box `one` stands as seen from `other` (both x0, y0, x1, y1, y downwards).

    Along each axis the distance of the centres is shortened by a tenth of the two sides' sum; what
    is left, over the whole distance of the centres, must exceed a half. So two relations can hold
    at once (`above` and `left of`), or none for boxes that overlap. Ghosh et al. 2023.
    """
    offset = [(one[i] + one[i + 2] - other[i] - other[i + 2]) / 2 for i in (0, 1)]
    sides = [abs(one[i + 2] - one[i]) + abs(other[i + 2] - other[i]) for i in (0, 1)]
    dx, dy = (
        math.copysign(max(abs(o) - _MARGIN * s, 0.0), o) for o, s in zip(offset, sides, strict=True)
    )
    if abs(dx) < _OVERLAPPING and abs(dy) < _OVERLAPPING:
        return frozenset()
    reach = _ALIGNED * math.hypot(*offset)
    holds: dict[Relation, bool] = {
        "left of": dx < -reach,
        "right of": dx > reach,
        "above": dy < -reach,
        "below": dy > reach,
    }
    return frozenset(relation for relation, true in holds.items() if true)
