"""`edit_pixels`: how far an edit left alone what it was to leave alone, pixel by pixel; light half.

The code is the weights: nothing is downloaded, and the entry's version identifies the recipe.
"""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution


def resolve(instrument: Instrument) -> Resolution:
    """Nothing to find; raises BadInputError for an instrument that names a source or options."""
    if instrument.source or instrument.options:
        raise BadInputError(
            f"instrument {instrument.name!r} has a source or options, but pixels are compared "
            "without weights or choices. Write `edit-pixels`."
        )
    return Resolution(revision="code", location="")


ENTRY = ExtractorEntry(
    name="edit_pixels",
    version=1,
    reads=frozenset({"change"}),
    gives=frozenset({"measurements"}),
    resolve=resolve,
    implementation="evalharness.extractors.edit_pixels_reader:EditPixelsExtractor",
    batch_size=8,
    imports=("torch", "torchmetrics"),
    packaged=True,
)
