"""Scenes to pictures, at 64x64; the same scene and generator state give the same picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalharness.tinyworld.aesthetics import TREATMENTS, Layer, neutral
from evalharness.tinyworld.lettering import SIZE as LETTERING_SIZE
from evalharness.tinyworld.lettering import letter_layers
from evalharness.tinyworld.scene import COLOURS, Scene, Thing, complete
from evalharness.tinyworld.shapes import Floats, Placement, silhouette

SIZE = 64
_SPOTS = {
    1: ((32, 32),),
    2: ((18, 32), (46, 32)),
    3: ((17, 19), (47, 19), (32, 46)),
    4: ((18, 18), (46, 18), (18, 46), (46, 46)),
}
_RELATED = {
    "left of": ((17, 32), (47, 32)),
    "right of": ((47, 32), (17, 32)),
    "above": ((32, 17), (32, 47)),
    "below": ((32, 47), (32, 17)),
}
_RADII = {1: (18.0, 23.0), 2: (10.5, 13.0), 3: (10.5, 12.5), 4: (10.0, 12.0)}


def rgb(colour: str) -> tuple[float, float, float]:
    """A named colour as sRGB in 0..1."""
    red, green, blue = COLOURS[colour]
    return red / 255, green / 255, blue / 255


def _placement(spot: tuple[int, int], crowd: int, rng: np.random.Generator) -> Placement:
    sway = 3.5 if crowd == 1 else 1.5
    dx, dy = rng.uniform(-sway, sway, 2)
    return Placement(
        spot[0] + dx, spot[1] + dy, rng.uniform(*_RADII[crowd]), rng.uniform(-0.2, 0.2)
    )


def _things(scene: Scene) -> list[tuple[Thing, tuple[int, int]]]:
    if scene.relation is not None and scene.other is not None:
        here, there = _RELATED[scene.relation]
        return [(scene.thing, here), (scene.other, there)]
    return [(scene.thing, spot) for spot in _SPOTS[scene.count or 1]]


@dataclass(frozen=True)
class Shown:
    """An object in a picture, and the box of its silhouette: x0, y0, x1, y1 in pixels.

    Treatments may carry paint a few pixels over the silhouette's edge.
    """

    thing: Thing
    box: tuple[float, float, float, float]


def _layers(scene: Scene, rng: np.random.Generator) -> list[Layer]:
    things = _things(scene)
    layers = []
    for thing, spot in things:
        at = _placement(spot, len(things), rng)
        tint = rng.uniform(-0.03, 0.03, 3)
        red, green, blue = np.clip(np.array(rgb(thing.colour or "black")) + tint, 0, 1)
        layers.append(Layer(silhouette(thing.object or "ball", at, SIZE), (red, green, blue), at))
    return layers


def _box(mask: Floats) -> tuple[float, float, float, float]:
    """Of the pixels that are covered at least by half."""
    rows, columns = np.nonzero(mask >= 0.5)
    return (
        float(columns.min()),
        float(rows.min()),
        float(columns.max() + 1),
        float(rows.max() + 1),
    )


def _to_bytes(picture: Floats) -> NDArray[np.uint8]:
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def render(scene: Scene, rng: np.random.Generator, strength: float = 1.0) -> NDArray[np.uint8]:
    """Draw a scene: uint8 RGB, (64, 64, 3), or (256, 256, 3) for lettering.

    What the scene leaves open is drawn from ``rng``. ``strength`` in 0..1 blends from a
    neutral flat picture (0) to the full treatment of the aesthetic (1).
    """
    full = complete(scene, rng)
    if full.lettering is None:
        return _paint(full, _layers(full, rng), SIZE, rng, strength)
    letters = letter_layers(full.lettering, rgb(full.thing.colour or "black"), rng)
    return _paint(full, [letters], LETTERING_SIZE, rng, strength)


def render_alone(scene: Scene, rng: np.random.Generator) -> NDArray[np.uint8]:
    """What :func:`render` draws of two things in a relation, before the other is there."""
    full = complete(scene, rng)
    return _paint(full, _layers(full, rng)[:1], SIZE, rng, 1.0)


def render_shown(
    scene: Scene, rng: np.random.Generator, strength: float = 1.0
) -> tuple[NDArray[np.uint8], tuple[Shown, ...]]:
    """The picture that :func:`render` draws of a scene of objects, and what it shows where."""
    full = complete(scene, rng)
    layers = _layers(full, rng)
    shown = [
        Shown(thing, _box(layer.mask))
        for (thing, _), layer in zip(_things(full), layers, strict=True)
    ]
    return _paint(full, layers, SIZE, rng, strength), tuple(shown)


def _paint(
    scene: Scene, layers: list[Layer], size: int, rng: np.random.Generator, strength: float
) -> NDArray[np.uint8]:
    aesthetic, background = scene.aesthetic or "photograph", scene.background or "plain"
    treated = TREATMENTS[aesthetic](layers, background, rng, size)
    if strength >= 1:
        return _to_bytes(treated)
    plain = neutral(layers, background, size)
    return _to_bytes(plain * (1 - strength) + treated * strength)
