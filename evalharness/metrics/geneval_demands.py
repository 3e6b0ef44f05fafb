"""What a prompt asks of the objects in a picture: `checks.geneval`, or `object` and `colour`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evalharness.core.nouns import Json, Prompt
from evalharness.metrics.detections import RELATIONS, Relation
from evalharness.metrics.features import UnmeasurableError

CONFIDENCE = 0.3
COUNTING_CONFIDENCE = 0.9
"""Where a number has an upper limit, only sure detections count. GenEval's value, which is its
Mask2Former's; a detector whose confidences mean something else tells its own in its detail.
"""


@dataclass(frozen=True, slots=True)
class Demand:
    """So many objects of a class, of a colour, and in a relation to those of another demand."""

    name: str
    count: int = 1
    colour: str | None = None
    position: tuple[Relation, int] | None = None


@dataclass(frozen=True, slots=True)
class Demands:
    """All that must be seen, and what must not be: `count` objects or more of an excluded one."""

    include: tuple[Demand, ...]
    exclude: tuple[Demand, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the prompt asks for a number: more than one, or no more than so many."""
        return bool(self.exclude) or any(demand.count > 1 for demand in self.include)

    def names(self) -> tuple[str, ...]:
        """Every class that is asked for or excluded, once, as it is written."""
        return tuple(dict.fromkeys(demand.name for demand in (*self.include, *self.exclude)))


def demands(prompt: Prompt) -> Demands | None:
    """What `prompt` asks of objects, None for nothing; raises UnmeasurableError for what is wrong.

    A prompt may say it in full (`geneval: {"include": [{"class", "count", "color"?, "position"?:
    [relation, index]}], "exclude": [{"class", "count"}]}`) or, of one thing, in short (`object`,
    and perhaps `colour`).
    """
    written = prompt.checks.get("geneval")
    if written is None:
        return _one_thing(prompt)
    if not isinstance(written, dict) or not written.get("include"):
        raise _wrong(prompt, written, 'an object with a list "include"')
    include = _each(prompt, written["include"])
    for demand in include:
        if demand.position is not None and not 0 <= demand.position[1] < len(include):
            raise _wrong(prompt, written, f"positions by an index below {len(include)}")
    return Demands(include, _each(prompt, written.get("exclude", [])))


def _one_thing(prompt: Prompt) -> Demands | None:
    thing, colour = prompt.checks.get("object"), prompt.checks.get("colour")
    if thing is None:
        return None
    if not isinstance(thing, str) or not isinstance(colour, str | None):
        raise _wrong(prompt, [thing, colour], "names as checks.object and checks.colour")
    return Demands((Demand(thing, colour=colour),))


def _each(prompt: Prompt, written: Json) -> tuple[Demand, ...]:
    if not isinstance(written, list):
        raise _wrong(prompt, written, "a list of demands")
    return tuple(_demand(prompt, entry) for entry in written)


def _demand(prompt: Prompt, written: Json) -> Demand:
    if not isinstance(written, dict):
        raise _wrong(prompt, written, 'a demand such as {"class": "dog", "count": 1}')
    name, count = written.get("class"), written.get("count", 1)
    colour = written.get("color", written.get("colour"))
    if not isinstance(name, str) or not isinstance(colour, str | None):
        raise _wrong(prompt, written, "a class, and perhaps a color, in words")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise _wrong(prompt, written, "a count of 1 or more")
    return Demand(name, count, colour, _position(prompt, written))


def _position(prompt: Prompt, demand: Mapping[str, Json]) -> tuple[Relation, int] | None:
    written = demand.get("position")
    match written:
        case None:
            return None
        case [("left of" | "right of" | "above" | "below") as relation, int(index)]:
            return relation, index
    raise _wrong(prompt, written, f"[one of {', '.join(RELATIONS)}, index]")


def _wrong(prompt: Prompt, found: Json, expected: str) -> UnmeasurableError:
    return UnmeasurableError(
        f"The checks of prompt {prompt.id!r} hold {found!r}; expected {expected}."
    )
