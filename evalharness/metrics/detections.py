"""Objects that a detector found in a picture, read from a feature's detail."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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

_NO_COLOURS = (
    "The instrument gives objects without colours, so colours cannot be judged. Choose a detector "
    "that names them."
)

_SAME = {
    "motorbike": "motorcycle",
    "aeroplane": "airplane",
    "plane": "airplane",
    "sofa": "couch",
    "tvmonitor": "tv",
    "television": "tv",
    "computermouse": "mouse",
    "computerkeyboard": "keyboard",
    "tvremote": "remote",
    "remotecontrol": "remote",
    "mobilephone": "cellphone",
    "hairdryer": "hairdrier",
    "doughnut": "donut",
    "gray": "grey",
}
"""Names, without spaces, under which published prompts and detectors mean the same: those of COCO,
of Pascal VOC (which RT-DETR's checkpoints use for COCO's classes) and of GenEval.
"""


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A class or a colour in one spelling: `Computer mouse` and `mouse` are one, and so are
    `pottedplant`, `potted_plant` and `potted plant`.
    """
    folded = "".join(name.casefold().replace("_", " ").replace("-", " ").split())
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
        """The colour; raises UnmeasurableError where nobody looked at it."""
        if self.colour is None:
            raise UnmeasurableError(_NO_COLOURS)
        return self.colour


@dataclass(frozen=True, slots=True)
class Detections:
    """What was found in one picture, the surest first, and what could have been.

    `counting` is the confidence of a sure detection; `classes` and `colours` (plain names) are all
    that the detector can tell, no colours being an empty set. None: the detector does not say.
    """

    objects: tuple[DetectedObject, ...]
    counting: float | None = None
    classes: frozenset[str] | None = None
    colours: frozenset[str] | None = None

    @classmethod
    def read(cls, detail: Json) -> Self:
        """All that a feature's detail tells; raises UnmeasurableError."""
        fields = detail if isinstance(detail, dict) else {}
        listed, counting = fields.get("objects"), fields.get("counting")
        if not isinstance(listed, list) or not isinstance(counting, int | float | None):
            raise UnmeasurableError(
                'A detector\'s detail has no list "objects", or a "counting" that is no number. '
                "Extract it again with an instrument that finds objects."
            )
        found = sorted((_object(entry) for entry in listed), key=lambda o: -o.confidence)
        colours = _names(fields.get("colours"))
        if colours is None and found and all(thing.colour is None for thing in found):
            colours = frozenset()
        return cls(tuple(found), counting, _names(fields.get("classes")), colours)

    def surer_than(self, confidence: float) -> Self:
        """The same with the objects above `confidence` alone."""
        sure = tuple(thing for thing in self.objects if thing.confidence > confidence)
        return replace(self, objects=sure)

    def of(self, name: str) -> tuple[DetectedObject, ...]:
        """The objects of a class, the 16 surest at most."""
        wanted = plain_name(name)
        return tuple(o for o in self.objects if o.label == wanted)[:MOST_PER_CLASS]

    def refuse_unknown_classes(self, names: Iterable[str]) -> None:
        """Raise UnmeasurableError for a class that the detector could never find."""
        _refuse_unknown("class", self.classes, names)

    def refuse_unknown_colours(self, names: Iterable[str]) -> None:
        """Raise UnmeasurableError for a colour that the detector could never name."""
        if self.colours is not None and not self.colours:
            raise UnmeasurableError(_NO_COLOURS)
        _refuse_unknown("colour", self.colours, names)


def _names(listed: Json) -> frozenset[str] | None:
    if listed is False:
        return frozenset()
    if not isinstance(listed, list):
        return None
    return frozenset(plain_name(name) for name in listed if isinstance(name, str))


def _refuse_unknown(kind: str, known: frozenset[str] | None, names: Iterable[str]) -> None:
    if known is None:
        return
    for name in names:
        if plain_name(name) not in known:
            raise UnmeasurableError(
                f"The instrument does not know the {kind} {name!r}, so its absence says nothing. "
                "Choose a detector that knows it, or an open-vocabulary one (geneval_named)."
            )


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
