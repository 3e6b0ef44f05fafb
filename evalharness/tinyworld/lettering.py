"""Words as layers, at 256x256, so that every aesthetic can treat them like an object."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from evalharness.tinyworld.aesthetics import Layer
from evalharness.tinyworld.shapes import Placement

SIZE = 256
_MARGIN = 16
_LARGEST, _SMALLEST = 64, 12


def _font(pixels: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=pixels)  # the one that ships inside Pillow


def _lines(text: str) -> str:
    """Break a phrase into lines of at most ~9 letters, so that it can be written large."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= 9:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def letter_layers(text: str, colour: tuple[float, float, float], rng: np.random.Generator) -> Layer:
    """The text, as large as it fits and nearly centred; ``colour`` is rgb in 0..1."""
    lines = _lines(text)
    canvas = Image.new("L", (SIZE, SIZE))
    draw = ImageDraw.Draw(canvas)
    for pixels in range(_LARGEST, _SMALLEST - 1, -2):
        font = _font(pixels)
        box = draw.multiline_textbbox((0, 0), lines, font=font, stroke_width=1, align="center")
        wide, high = box[2] - box[0], box[3] - box[1]
        if wide <= SIZE - 2 * _MARGIN and high <= SIZE - 2 * _MARGIN:
            break
    dx, dy = rng.uniform(-8, 8, 2)
    corner = ((SIZE - wide) / 2 - box[0] + dx, (SIZE - high) / 2 - box[1] + dy)
    draw.multiline_text(corner, lines, fill=255, font=font, stroke_width=1, align="center")
    mask = np.asarray(canvas, np.float32) / np.float32(255)
    return Layer(mask, colour, Placement(SIZE / 2, SIZE / 2, SIZE / 2.5))
