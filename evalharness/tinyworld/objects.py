"""`tiny_objects`: the objects in pictures of the embedded world; the light half."""

from __future__ import annotations

from evalharness.catalog.weights import resolve_source
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.nouns import Instrument, Resolution

_PACKAGED = "package:tinyworld/weights/tiny-objects"


def resolve(instrument: Instrument) -> Resolution:
    """The weights that ship with the package, or a folder of one's own training."""
    return resolve_source(
        instrument.source or _PACKAGED,
        instrument.revision,
        patterns=("*.safetensors",),
        what=f"instrument {instrument.name!r}",
    )


ENTRY = ExtractorEntry(
    name="tiny_objects",
    version=2,
    reads=frozenset({"picture"}),
    gives=frozenset({"objects"}),
    resolve=resolve,
    implementation="evalharness.tinyworld.object_detector:ObjectDetector",
    batch_size=64,
    imports=("cv2", "torch"),
    packaged=True,
)
"""Finds every object with its colour and box, whatever the aesthetic."""
