"""Questions about the pictures, with answers that follow from their scenes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from evalharness.catalog.choices import ASKING, lettered
from evalharness.core.nouns import Json
from evalharness.tinyworld.captions import caption, plural
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS, RELATIONS
from evalharness.tinyworld.vision.pictures import Shown, counted, related, singles

REFERENCES = 5
"""Captions that are held to be right of every picture."""

_ALSO = {
    "ball": ("circle", "sphere", "disc", "disk"),
    "house": ("home", "building", "hut"),
    "heart": ("love heart",),
    "ring": ("circle", "donut", "doughnut", "torus", "hoop"),
    "moon": ("crescent", "crescent moon", "half moon"),
    "tree": ("fir", "fir tree", "pine", "pine tree", "spruce", "christmas tree"),
    "purple": ("violet",),
}
"""Other words that people have for what the world's words mean."""

_TURNED = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a picture; `also` are accepted answers beside the target."""

    shown: Shown
    id: str
    category: str
    text: str
    target: str
    also: tuple[str, ...] = ()
    checks: Mapping[str, Json] = field(default_factory=dict)

    def all_checks(self) -> dict[str, Json]:
        """The checks, the accepted answers among them."""
        return {**({"targets": list(self.also)} if self.also else {}), **self.checks}


def vision() -> Iterator[Question]:
    """68 questions of seven kinds whose answers are short."""
    one, several, two = singles(), counted(), related()
    yield from _presence(one[:12])
    yield from _numbers(several)
    yield from _colours(one[16:24])
    yield from _objects(one[8:16])
    yield from _relations(two[:8])
    yield from _sentences(two[8:])
    yield from (_look(shown, i) for i, shown in enumerate(one[24:]))


def vision_labels() -> Iterator[Question]:
    """96 pictures to be classified: 32 each by object, by colour and by look."""
    for i, shown in enumerate(singles()):
        yield _object_label(shown, i)
        yield _colour_label(shown, i)
        yield _look(shown, i)


def vision_captions() -> Iterator[Question]:
    """40 pictures to be described, each with five captions that are true of it."""
    several = [shown for shown in counted() if shown.scene.count != 1]
    for i, shown in enumerate([*singles()[:16], *several, *related()[:12]]):
        target, *also = _captions(shown, i)
        kind = {"one": "one thing", "several": "several things", "two": "two things"}
        yield Question(
            shown,
            f"caption-{i + 1:02}",
            kind[shown.name.partition("-")[0]],
            "Describe this picture in one short sentence.",
            target,
            tuple(also),
        )


def _presence(pictures: tuple[Shown, ...]) -> Iterator[Question]:
    for i, shown in enumerate(pictures):
        there = str(shown.scene.thing.object)
        other = OBJECTS[(OBJECTS.index(there) + 1 + i // 2) % len(OBJECTS)]
        asked = other if i % 2 else there
        yield Question(
            shown,
            f"presence-{i + 1:02}",
            "presence",
            f"Is there a {asked} in this picture? Answer yes or no.",
            "no" if i % 2 else "yes",
            checks={"labels": ["yes", "no"]},
        )


def _numbers(pictures: tuple[Shown, ...]) -> Iterator[Question]:
    for i, shown in enumerate(pictures):
        things = plural(str(shown.scene.thing.object))
        yield Question(
            shown,
            f"counting-{i + 1:02}",
            "counting",
            f"How many {things} are in this picture? Answer with the number alone.",
            str(shown.scene.count),
        )


def _colours(pictures: tuple[Shown, ...]) -> Iterator[Question]:
    for i, shown in enumerate(pictures):
        colour = str(shown.scene.thing.colour)
        yield Question(
            shown,
            f"colour-{i + 1:02}",
            "colour",
            f"What colour is the {shown.scene.thing.object}? Answer with one word.",
            colour,
            _ALSO.get(colour, ()),
        )


def _objects(pictures: tuple[Shown, ...]) -> Iterator[Question]:
    for i, shown in enumerate(pictures):
        name = str(shown.scene.thing.object)
        text = "What does this picture show? Answer with one word, without its colour."
        yield Question(shown, f"object-{i + 1:02}", "object", text, name, _ALSO.get(name, ()))


def _relations(pictures: tuple[Shown, ...]) -> Iterator[Question]:
    for i, shown in enumerate(pictures):
        first, second = shown.things
        name = str(first.object)
        yield Question(
            shown,
            f"relation-{i + 1:02}",
            "relation",
            f"What is {shown.scene.relation} the {second.object}? Answer with one word.",
            name,
            _ALSO.get(name, ()),
        )


def _sentences(pictures: tuple[Shown, ...]) -> Iterator[Question]:
    """Which of four sentences is true: A, B, C and D twice each, and each for two relations."""
    for i, shown in enumerate(pictures):
        first, second = shown.things
        relation = str(shown.scene.relation)
        across = RELATIONS[(RELATIONS.index(relation) + 2) % len(RELATIONS)]
        said = [
            f"The {first.object} is {word} the {second.object}."
            for word in (relation, _TURNED[relation], across, _TURNED[across])
        ]
        place = (i + i // len(said)) % len(said)
        choices = [*said[1 : place + 1], said[0], *said[place + 1 :]]
        parts = ("Which sentence is true of this picture?", lettered(choices), ASKING)
        yield Question(
            shown,
            f"sentence-{i + 1:02}",
            "sentence",
            "\n\n".join(parts),
            said[0],
            checks={"choices": list(choices)},
        )


def _look(shown: Shown, number: int) -> Question:
    return Question(
        shown,
        f"look-{number + 1:02}",
        "look",
        "Is this a photograph, an illustration, a watercolour or pixel art? Answer with one of "
        "these.",
        str(shown.scene.aesthetic),
        checks={"labels": list(AESTHETICS)},
    )


def _object_label(shown: Shown, number: int) -> Question:
    return Question(
        shown,
        f"object-{number + 1:02}",
        "object",
        f"Which of these does the picture show: {', '.join(OBJECTS)}? Answer with one word.",
        str(shown.scene.thing.object),
        checks={"labels": list(OBJECTS)},
    )


def _colour_label(shown: Shown, number: int) -> Question:
    return Question(
        shown,
        f"colour-{number + 1:02}",
        "colour",
        f"Which colour has the {shown.scene.thing.object}: {', '.join(COLOURS)}? Answer with one "
        "word.",
        str(shown.scene.thing.colour),
        checks={"labels": list(COLOURS)},
    )


def _captions(shown: Shown, number: int) -> list[str]:
    """Different true captions, the first of which says everything but the background."""
    rng = np.random.default_rng([number, REFERENCES])
    full = shown.scene if shown.scene.count != 1 else replace(shown.scene, count=None)
    bare = replace(full, background=None)
    told = [bare, full, replace(full, aesthetic=None), replace(bare, aesthetic=None)]
    found: dict[str, None] = {}
    turn = 0
    while len(found) < REFERENCES:
        found.setdefault(caption(told[turn % len(told)], rng))
        turn += 1
    return list(found)
