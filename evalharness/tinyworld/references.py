"""Reference pictures for set metrics and balanced captions for suites."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS, Scene, Thing


def reference_scene(index: int, aesthetic: str | None = None) -> Scene:
    """The scene of one reference: objects, colours and aesthetics in turn, all equally often."""
    colours = tuple(COLOURS)
    styles = (aesthetic,) if aesthetic else AESTHETICS
    kinds = len(OBJECTS) * len(colours)
    return Scene(
        thing=Thing(OBJECTS[index % len(OBJECTS)], colours[index // len(OBJECTS) % len(colours)]),
        count=1,
        aesthetic=styles[(index + index // kinds) % len(styles)],
    )


def references(n: int, seed: int, aesthetic: str | None = None) -> Iterator[NDArray[np.uint8]]:
    """``n`` single-object pictures, uint8 RGB (64, 64, 3), balanced; of one aesthetic if given.

    Picture ``i`` depends on ``seed`` and ``i`` alone, so that a longer set extends a shorter.
    """
    for index in range(n):
        rng = np.random.default_rng([seed, index])
        yield render(reference_scene(index, aesthetic), rng)


def single_object_captions(aesthetic: str | None = None) -> tuple[str, ...]:
    """The 64 captions "a red ball" ...: every object in every colour, once.

    With an aesthetic, each asks for it: "a red ball, watercolour".
    """
    style = f", {aesthetic}" if aesthetic else ""
    return tuple(
        f"{'an' if colour[0] in 'aeiou' else 'a'} {colour} {name}{style}"
        for name in OBJECTS
        for colour in COLOURS
    )
