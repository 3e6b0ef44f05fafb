"""One thing found in a picture, before it is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from evalharness.extractors.subjects import UnreadableSubjectError


@dataclass(frozen=True, slots=True)
class Found:
    """A thing with its confidence (0…1) and box (x0, y0, x1, y1) in pixels."""

    label: str
    confidence: float
    box: tuple[float, float, float, float]

    def inside(self, width: int, height: int) -> Found | None:
        """The same thing with its box cut at the picture's edges; None if nothing is left."""
        x0, y0, x1, y1 = self.box
        x0, x1 = max(0.0, x0), min(float(width), x1)
        y0, y1 = max(0.0, y0), min(float(height), y1)
        return replace(self, box=(x0, y0, x1, y1)) if x0 < x1 and y0 < y1 else None


def check_finite(reader: str, *tensors: torch.Tensor) -> None:
    """Raise UnreadableSubjectError for NaN or infinity: such boxes would only be missing."""
    if not all(bool(torch.isfinite(t).all()) for t in tensors):
        raise UnreadableSubjectError(
            f"{reader} gave NaN or infinity for boxes or scores. Its weights may be damaged."
        )
