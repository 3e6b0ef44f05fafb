"""What a picture of the embedded world can show: the vocabulary, and one scene."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

OBJECTS = ("ball", "house", "star", "heart", "ring", "moon", "tree", "fish")
"""The objects; every one is told from the others by its silhouette at 64x64."""

COLOURS = MappingProxyType(
    {
        "red": (214, 36, 36),
        "orange": (244, 132, 24),
        "yellow": (246, 218, 40),
        "green": (44, 160, 68),
        "blue": (44, 84, 212),
        "purple": (134, 52, 172),
        "pink": (246, 128, 184),
        "black": (34, 34, 40),
    }
)
"""Colour names and their pure sRGB values in 0..255."""

AESTHETICS = ("photograph", "illustration", "watercolour", "pixel art")
RELATIONS = ("left of", "right of", "above", "below")
BACKGROUNDS = ("plain", "sky", "meadow", "desert")
MAX_COUNT = 4


@dataclass(frozen=True)
class Thing:
    """One kind of object; ``None`` where nothing was said."""

    object: str | None = None
    colour: str | None = None


@dataclass(frozen=True)
class Scene:
    """What a caption says and a picture shows; ``None`` where nothing was said.

    A relation holds between ``thing`` (the one that is, say, left) and ``other``.
    ``lettering`` is the text to be written; such a scene shows letters in place of objects.
    """

    thing: Thing = Thing()
    count: int | None = None
    relation: str | None = None
    other: Thing | None = None
    aesthetic: str | None = None
    background: str | None = None
    lettering: str | None = None


def complete(scene: Scene, rng: np.random.Generator) -> Scene:
    """Fill what a scene leaves open: one object, and everything else drawn from ``rng``."""
    picks = {
        "object": str(rng.choice(OBJECTS)),
        "colour": str(rng.choice(tuple(COLOURS))),
        "other object": str(rng.choice(OBJECTS)),
        "other colour": str(rng.choice(tuple(COLOURS))),
        "aesthetic": str(rng.choice(AESTHETICS)),
        "background": str(rng.choice(BACKGROUNDS)),
    }  # all drawn, whatever is open, so that one field never shifts another's draw
    other = scene.other
    if other is not None:
        other = Thing(other.object or picks["other object"], other.colour or picks["other colour"])
    return Scene(
        thing=Thing(scene.thing.object or picks["object"], scene.thing.colour or picks["colour"]),
        count=scene.count or 1,
        relation=scene.relation,
        other=other,
        aesthetic=scene.aesthetic or picks["aesthetic"],
        background=scene.background or picks["background"],
        lettering=scene.lettering,
    )


def random_single(rng: np.random.Generator) -> Scene:
    """One object with every field drawn uniformly."""
    return complete(Scene(count=1), rng)


def random_any(rng: np.random.Generator) -> Scene:
    """A single object, several of them, or two in a relation; every field drawn."""
    kind = rng.choice(("single", "counted", "related"), p=(0.4, 0.3, 0.3))
    if kind == "single":
        return random_single(rng)
    if kind == "counted":
        return complete(Scene(count=int(rng.integers(2, MAX_COUNT + 1))), rng)
    relation = str(rng.choice(RELATIONS))
    return complete(Scene(count=1, relation=relation, other=Thing()), rng)
