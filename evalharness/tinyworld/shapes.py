"""The silhouettes of the objects, as coverage masks."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SHIFT = 4  # sub-pixel bits of OpenCV's fixed-point polygon coordinates
_OVERSAMPLING = 2


@dataclass(frozen=True)
class Placement:
    """Where an object stands, in pixels of the picture; ``turn`` in radians."""

    x: float
    y: float
    radius: float
    turn: float = 0.0


def _arc(cx: float, cy: float, rx: float, ry: float, points: int = 40) -> Floats:
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([cx + rx * np.cos(angle), cy + ry * np.sin(angle)], 1).astype(np.float32)


def _polygon(*points: tuple[float, float]) -> Floats:
    return np.array(points, np.float32)


def _star() -> Floats:
    angle = -np.pi / 2 + np.arange(10) * np.pi / 5
    reach = np.where(np.arange(10) % 2 == 0, 1.05, 0.44)
    return np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1).astype(np.float32)


def _heart() -> Floats:
    t = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x / 16.5, -(y + 2.5) / 15], 1).astype(np.float32)


# Per object: polygons that are filled, then polygons that are cut out again.
# Coordinates are relative to the placement: x to the right, y down, radius 1.
_OUTLINES: dict[str, tuple[tuple[Floats, ...], tuple[Floats, ...]]] = {
    "ball": ((_arc(0, 0, 0.92, 0.92),), ()),
    "house": (
        (
            _polygon((-0.72, -0.15), (0.72, -0.15), (0.72, 0.92), (-0.72, 0.92)),
            _polygon((-1.02, -0.12), (0, -1.0), (1.02, -0.12)),
        ),
        (_polygon((-0.24, 0.3), (0.24, 0.3), (0.24, 0.92), (-0.24, 0.92)),),
    ),
    "star": ((_star(),), ()),
    "heart": ((_heart(),), ()),
    "ring": ((_arc(0, 0, 0.98, 0.98),), (_arc(0, 0, 0.52, 0.52),)),
    "moon": ((_arc(0, 0, 0.98, 0.98),), (_arc(0.46, -0.1, 0.8, 0.8),)),
    "tree": (
        (
            _polygon((0, -1.05), (0.5, -0.35), (-0.5, -0.35)),
            _polygon((0, -0.7), (0.68, 0.15), (-0.68, 0.15)),
            _polygon((0, -0.2), (0.86, 0.62), (-0.86, 0.62)),
            _polygon((-0.17, 0.6), (0.17, 0.6), (0.17, 1.0), (-0.17, 1.0)),
        ),
        (),
    ),
    "fish": (
        (
            _arc(-0.25, 0, 0.76, 0.5),
            _polygon((0.3, 0.0), (1.02, -0.55), (0.84, 0.0), (1.02, 0.55)),
        ),
        (_arc(-0.6, -0.12, 0.12, 0.12),),
    ),
}


def silhouette(name: str, at: Placement, size: int) -> Floats:
    """Coverage of an object in a ``size`` x ``size`` picture: float32 (size, size) in 0..1."""
    cos, sin = np.cos(at.turn), np.sin(at.turn)
    rotation = np.array([[cos, sin], [-sin, cos]], np.float32)
    canvas = np.zeros((size * _OVERSAMPLING,) * 2, np.uint8)
    filled, cut = _OUTLINES[name]
    for outlines, value in ((filled, 255), (cut, 0)):
        for outline in outlines:
            points = (outline @ rotation) * at.radius + np.array([at.x, at.y], np.float32)
            fixed = np.rint(points * _OVERSAMPLING * (1 << _SHIFT)).astype(np.int32)
            cv2.fillPoly(canvas, [fixed], value, cv2.LINE_AA, _SHIFT)
    small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / np.float32(255)
