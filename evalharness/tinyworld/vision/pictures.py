"""The scenes that the suites for vision show, each drawn once: what a picture holds is known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import (
    AESTHETICS,
    BACKGROUNDS,
    COLOURS,
    MAX_COUNT,
    OBJECTS,
    RELATIONS,
    Scene,
    Thing,
    complete,
)

_SEED = 40_960
_ENLARGED = 3  # to 192: networks that read patches of 14 to 28 pixels see little of 64
_COLOURS = tuple(COLOURS)
_HIDDEN = {"sky": {"blue"}, "meadow": {"green"}, "desert": {"orange", "yellow"}}
"""Colours that are hard to see before a background."""
_FINE = tuple(name for name in AESTHETICS if name != "pixel art")
"""Aesthetics in which small things can be told."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A scene with nothing left open, and its picture: uint8 RGB (192, 192, 3)."""

    name: str
    scene: Scene
    pixels: NDArray[np.uint8]

    @property
    def things(self) -> tuple[Thing, ...]:
        """The one kind of thing in the picture, or the two."""
        scene = self.scene
        return (scene.thing,) if scene.other is None else (scene.thing, scene.other)


def singles() -> tuple[Shown, ...]:
    """32 pictures of one thing.

    Every object meets every aesthetic once, and four colours; every colour meets every aesthetic.
    """
    scenes = (
        _clear(
            Scene(
                Thing(OBJECTS[o], _COLOURS[(o + 2 * row) % len(_COLOURS)]),
                count=1,
                aesthetic=AESTHETICS[(o + row) % len(AESTHETICS)],
            ),
            first=o // 2 + 3 * row,
        )
        for row, o in product(range(4), range(len(OBJECTS)))
    )
    return tuple(_shown("one", i, scene) for i, scene in enumerate(scenes))


def counted() -> tuple[Shown, ...]:
    """16 pictures of one to four things of a kind, four of each number, every object twice."""
    scenes = (
        _clear(
            Scene(
                Thing(OBJECTS[i % len(OBJECTS)], _COLOURS[(3 * i + i // 8) % len(_COLOURS)]),
                count=1 + (i + i // 8) % MAX_COUNT,
                aesthetic=_FINE[(i + i // 4) % len(_FINE)],
            ),
            first=i,
        )
        for i in range(16)
    )
    return tuple(_shown("several", i, scene) for i, scene in enumerate(scenes))


def related() -> tuple[Shown, ...]:
    """16 pictures of two things in a relation, four of each; objects and colours differ."""
    scenes = (
        _clear(
            Scene(
                Thing(OBJECTS[i % len(OBJECTS)], _COLOURS[(3 * i) % len(_COLOURS)]),
                count=1,
                relation=RELATIONS[i % len(RELATIONS)],
                other=Thing(
                    OBJECTS[(i + 3 + i // 8) % len(OBJECTS)], _COLOURS[(3 * i + 4) % len(_COLOURS)]
                ),
                aesthetic=_FINE[(i + i // 4) % len(_FINE)],
            ),
            first=i,
        )
        for i in range(16)
    )
    return tuple(_shown("two", i, scene) for i, scene in enumerate(scenes))


def _clear(scene: Scene, first: int) -> Scene:
    """The scene before the first background, in turn, that hides nothing in it."""
    colours = {thing.colour for thing in (scene.thing, scene.other) if thing is not None}
    turned = (BACKGROUNDS[(first + i) % len(BACKGROUNDS)] for i in range(len(BACKGROUNDS)))
    background = next(b for b in turned if not colours & _HIDDEN.get(b, set()))
    return Scene(
        thing=scene.thing,
        count=scene.count,
        relation=scene.relation,
        other=scene.other,
        aesthetic=scene.aesthetic,
        background=background,
    )


def _shown(kind: str, number: int, scene: Scene) -> Shown:
    rng = np.random.default_rng([_SEED, *kind.encode(), number])
    whole = complete(scene, rng)
    return Shown(f"{kind}-{number + 1:02}", whole, _enlarged(whole, render(whole, rng)))


def _enlarged(scene: Scene, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = pixels.shape[0] * _ENLARGED
    way = cv2.INTER_NEAREST if scene.aesthetic == "pixel art" else cv2.INTER_CUBIC
    return cv2.resize(pixels, (side, side), interpolation=way).astype(np.uint8)
