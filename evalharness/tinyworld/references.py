"""Reference pictures for set metrics and balanced captions for suites."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalharness.core.contracts import ReferenceSource
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.keys import digest
from evalharness.core.outcomes import Picture
from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import AESTHETICS, COLOURS, OBJECTS, Scene, Thing

_VERSION = 1  # bumped by hand when the renderer draws the same scene differently
_SEED = 20_250


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
        yield _reference(index, seed, aesthetic)


def reference_picture(index: int) -> NDArray[np.uint8]:
    """Picture `index` of the suites' reference ``tinyworld:N``."""
    return _reference(index, _SEED, None)


def _reference(index: int, seed: int, aesthetic: str | None) -> NDArray[np.uint8]:
    rng = np.random.default_rng([seed, index])
    return render(reference_scene(index, aesthetic), rng)


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


def _argument(argument: str) -> tuple[int, str | None]:
    """Read "1024" or "1024:pixel art"."""
    number, _, aesthetic = argument.partition(":")
    if not number.strip().isdecimal() or int(number) < 1:
        raise BadInputError(
            f"The reference tinyworld:{argument} has no number of pictures; "
            "expected tinyworld:1024 or tinyworld:1024:watercolour."
        )
    if aesthetic and aesthetic not in AESTHETICS:
        raise unknown_name("aesthetic", aesthetic, AESTHETICS)
    return int(number), aesthetic or None


def _identity(argument: str, base: Path) -> str:
    n, aesthetic = _argument(argument)
    return digest(
        {
            "references": "tinyworld",
            "version": _VERSION,
            "seed": _SEED,
            "n": n,
            "aesthetic": aesthetic,
        }
    )


def _pictures(argument: str, base: Path) -> Iterator[Picture]:
    n, aesthetic = _argument(argument)
    for pixels in references(n, _SEED, aesthetic):
        yield Picture(pixels)


SOURCE = ReferenceSource(name="tinyworld", identity=_identity, pictures=_pictures)
"""``tinyworld:1024`` in a suite: that many single-object renders of all aesthetics."""
