"""The colour of a thing in words, without a network: the eleven basic colour terms of English.

Berlin and Kay's terms (1969), as regions of CIELAB's lightness, chroma and hue whose borders were
set by hand on the named colours of CSS. Colours on a border are named as hard as people find them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.extractors.subjects import Pixels

TERMS = (
    "black",
    "white",
    "grey",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
)
GRID = 48
"""At most so many rows and columns of a box are looked at."""


def named_colours(colours: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The term of every sRGB colour: uint8 (n, 3) → positions in TERMS, int64 (n,)."""
    shares = colours.reshape(-1, 1, 3).astype(np.float32) / np.float32(255)
    light, a, b = cv2.cvtColor(shares, cv2.COLOR_RGB2LAB).reshape(-1, 3).T
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360
    warm = (hue < 105) | (hue >= 345)
    regions = {
        "black": (light < 12) | ((chroma < 12) & (light < 24)),
        "white": ((chroma < 12) & (light > 85)) | ((chroma < 20) & (light > 94)),
        "grey": chroma < 12,
        "pink": ((hue >= 335) | (hue < 20)) & (light > 50)
        | (hue < 52) & (light > 65)
        | (hue >= 326) & (light > 75),
        "brown": (hue >= 45) & (hue < 105) & ((light < 58) | ((chroma < 40) & (light < 80)))
        | warm & (hue >= 20) & (hue < 60) & (chroma < 45) & (light < 50),
        "red": (hue < 52) | (hue >= 345),
        "orange": hue < 83,
        "yellow": hue < 112,
        "green": hue < 190,
        "blue": hue < 309,
    }
    chosen = np.select(
        list(regions.values()), [TERMS.index(term) for term in regions], TERMS.index("purple")
    )
    return np.asarray(chosen, np.int64)


def colour_of(picture: Pixels, box: tuple[float, float, float, float]) -> str:
    """The commonest term among the pixels of the middle half of a box (x0, y0, x1, y1).

    The middle, because a box's corners mostly show what is behind the thing.
    """
    height, width = picture.shape[:2]
    rows = _middle(box[1], box[3], height)
    columns = _middle(box[0], box[2], width)
    found = named_colours(picture[np.ix_(rows, columns)].reshape(-1, 3))
    return TERMS[int(np.bincount(found, minlength=len(TERMS)).argmax())]


def _middle(start: float, end: float, size: int) -> NDArray[np.int64]:
    """At most GRID positions in the middle half of start…end, at least one, all inside."""
    quarter = (end - start) / 4
    first = int(np.clip(np.floor(start + quarter), 0, size - 1))
    last = int(np.clip(np.ceil(end - quarter), first + 1, size))
    return np.unique(np.linspace(first, last - 1, min(GRID, last - first)).astype(np.int64))
