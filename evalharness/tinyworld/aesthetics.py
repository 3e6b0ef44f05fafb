"""The four aesthetics: treatments that turn the same layers into differently made pictures.

All pictures here are float32 (size, size, 3) in 0..1; masks are float32 (size, size) in 0..1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from evalharness.tinyworld.shapes import Floats, Placement

_BACKDROPS = {
    "plain": ((0.93, 0.92, 0.90), (0.93, 0.92, 0.90)),
    "sky": ((0.66, 0.83, 0.96), (0.86, 0.94, 0.99)),
    "meadow": ((0.86, 0.94, 0.97), (0.70, 0.84, 0.60)),
    "desert": ((0.95, 0.91, 0.80), (0.90, 0.79, 0.60)),
}  # pale, so that every object colour stands out: the colour above and below the horizon
_HORIZON = 0.62
_PIXEL_BLOCK = 4


@dataclass(frozen=True)
class Layer:
    """One silhouette and the colour (rgb in 0..1) that it is painted with."""

    mask: Floats
    colour: tuple[float, float, float]
    at: Placement


Treatment = Callable[[Sequence[Layer], str, np.random.Generator, int], Floats]


def _fill(size: int, colour: Sequence[float]) -> Floats:
    return np.broadcast_to(np.array(colour, np.float32), (size, size, 3)).copy()


def _over(picture: Floats, mask: Floats, paint: Floats) -> Floats:
    alpha = mask[..., None]
    return picture * (1 - alpha) + paint * alpha


def _blur(picture: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def _clouds(rng: np.random.Generator, cells: int, size: int) -> Floats:
    """Smooth noise with about ``cells`` bumps per side: (size, size), mean 0, deviation ~1."""
    coarse = rng.standard_normal((cells, cells), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _backdrop(name: str, size: int, softness: float) -> Floats:
    """The background, with a horizon that is sharp (0) or spread over ``softness`` heights."""
    above, below = _BACKDROPS[name]
    height = (np.arange(size, dtype=np.float32) + 0.5) / size
    ramp = (height > _HORIZON).astype(np.float32)
    if softness > 0:
        ramp = np.clip((height - _HORIZON) / softness + 0.5, 0, 1).astype(np.float32)
    column = (1 - ramp)[:, None] * np.array(above, np.float32) + ramp[:, None] * np.array(
        below, np.float32
    )
    return np.broadcast_to(column[:, None, :], (size, size, 3)).astype(np.float32)


def neutral(layers: Sequence[Layer], background: str, size: int) -> Floats:
    """No aesthetic at all: flat colour on the flat background."""
    picture = _backdrop(background, size, 0.0)
    for layer in layers:
        picture = _over(picture, layer.mask, _fill(size, layer.colour))
    return picture


def photograph(
    layers: Sequence[Layer], background: str, rng: np.random.Generator, size: int
) -> Floats:
    """Light from one side, a soft shadow, a background out of focus, vignette and grain."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    light = rng.uniform(-2.4, -0.75)  # from above, left or right
    lx, ly = float(np.cos(light)), float(np.sin(light))
    haze = 1 + 0.07 * _clouds(rng, 4, size)
    hazy = _backdrop(background, size, 0.5) * haze[..., None] * 0.86
    picture = _blur(hazy.astype(np.float32), 3.0)
    for layer in layers:
        at = layer.at
        shift = np.array([[1, 0, -lx * at.radius * 0.3], [0, 1, -ly * at.radius * 0.3]], np.float32)
        shadow = np.asarray(cv2.warpAffine(layer.mask, shift, (size, size)), np.float32)
        picture = picture * (1 - 0.5 * _blur(shadow, at.radius * 0.14))[..., None]
        facing = ((x - at.x) * lx + (y - at.y) * ly) / at.radius
        shade = np.clip(0.9 + 0.38 * facing, 0.4, 1.2)[..., None]
        paint = _fill(size, layer.colour) * shade
        gloss_x, gloss_y = at.x + lx * at.radius * 0.45, at.y + ly * at.radius * 0.45
        spread = 2 * (at.radius * 0.28) ** 2
        gloss = np.exp(-((x - gloss_x) ** 2 + (y - gloss_y) ** 2) / spread)
        paint = paint + 0.45 * gloss[..., None] * (1 - paint)
        picture = _over(picture, _blur(layer.mask, 0.6), paint.astype(np.float32))
    corner = ((x / size - 0.5) ** 2 + (y / size - 0.5) ** 2) * 2
    grain = rng.standard_normal((size, size), dtype=np.float32) * 0.022
    return np.asarray(picture * (1 - 0.55 * corner)[..., None] + grain[..., None], np.float32)


def illustration(
    layers: Sequence[Layer], background: str, rng: np.random.Generator, size: int
) -> Floats:
    """Flat saturated fills, a flat two-tone background and dark outlines of even width."""
    backdrop = _backdrop(background, size, 0.0)
    picture: Floats = np.clip(0.5 + (backdrop - 0.5) * 1.15 + 0.03, 0, 1).astype(np.float32)
    width = 3 if rng.random() < 0.5 else 5
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    for layer in layers:
        outline = np.asarray(cv2.dilate(layer.mask, pen), np.float32)
        picture = _over(picture, outline, _fill(size, (0.08, 0.07, 0.12)))
        paint = np.clip(0.5 + (np.array(layer.colour, np.float32) - 0.5) * 1.12, 0, 1)
        picture = _over(picture, layer.mask, _fill(size, paint.tolist()))
    return picture


def watercolour(
    layers: Sequence[Layer], background: str, rng: np.random.Generator, size: int
) -> Floats:
    """Translucent pigment on rough paper: wobbling, bleeding outlines with darker rims."""
    tooth = rng.standard_normal((size, size), dtype=np.float32) * 0.5 + _clouds(rng, 24, size)
    paper = _fill(size, (0.985, 0.975, 0.945)) * (1 + 0.018 * tooth)[..., None]
    wash = np.clip(0.5 + 0.28 * _clouds(rng, 5, size), 0, 0.85)
    edge = np.zeros((size, size), np.float32)
    margin = size // 16
    edge[margin:-margin, margin:-margin] = 1
    picture = _over(paper, wash * _blur(edge, size / 32), _backdrop(background, size, 0.25))
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    wobble_x, wobble_y = x + 1.1 * _clouds(rng, 10, size), y + 1.1 * _clouds(rng, 10, size)
    for layer in layers:
        warped = cv2.remap(layer.mask, wobble_x, wobble_y, cv2.INTER_LINEAR)
        body = np.asarray(warped, np.float32)
        bleed = _blur(body, 2.2)
        rim = np.clip(body - bleed, 0, 1)
        load = 0.70 + 0.13 * _clouds(rng, 6, size) + 0.7 * rim + 0.02 * tooth
        pigment = np.clip(load, 0.42, 1) * _blur(body, 0.7) + 0.22 * bleed * (1 - body)
        stain = 1 - np.clip(pigment, 0, 1)[..., None] * (1 - np.array(layer.colour, np.float32))
        lifted = _over(picture, 0.75 * body, paper)  # wet paint lifts the wash below it
        picture = lifted * stain
    return picture.astype(np.float32)


def pixel_art(
    layers: Sequence[Layer], background: str, rng: np.random.Generator, size: int
) -> Floats:
    """Big square pixels, hard edges, few colours: a lit and a shaded tone, a dithered ground."""
    grid = size // _PIXEL_BLOCK
    checks = np.indices((grid, grid)).sum(0) % 2
    above, below = (np.array(tone, np.float32) for tone in _BACKDROPS[background])
    picture = _fill(grid, (above * 0.92).tolist())
    first_row = int(_HORIZON * grid)
    ground = np.zeros((grid, grid), np.float32)
    ground[first_row + 1 :] = 1
    ground[first_row] = checks[first_row]
    picture = _over(picture, ground, _fill(grid, (below * 0.85).tolist()))
    y, x = np.mgrid[0:grid, 0:grid].astype(np.float32) + 0.5
    for layer in layers:
        area = cv2.resize(layer.mask, (grid, grid), interpolation=cv2.INTER_AREA)
        body = (area > 0.48).astype(np.float32)
        lean = (x * _PIXEL_BLOCK - layer.at.x) + (y * _PIXEL_BLOCK - layer.at.y)
        colour = np.array(layer.colour, np.float32)
        paint = np.where((lean > layer.at.radius * 0.55)[..., None], colour * 0.72, colour)
        picture = _over(picture, body, paint.astype(np.float32))
    levels = 15
    few = np.rint(np.clip(picture, 0, 1) * levels) / levels
    return few.repeat(_PIXEL_BLOCK, 0).repeat(_PIXEL_BLOCK, 1).astype(np.float32)


TREATMENTS: dict[str, Treatment] = {
    "photograph": photograph,
    "illustration": illustration,
    "watercolour": watercolour,
    "pixel art": pixel_art,
}
