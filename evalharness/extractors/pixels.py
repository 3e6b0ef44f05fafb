"""`pixels`: technical measurements of the pixels themselves, without any network.

The code is the weights: nothing is downloaded, and the entry's version identifies the recipe.
"""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution


def resolve(instrument: Instrument) -> Resolution:
    """Nothing to find; raises BadInputError for an instrument that names a source."""
    if instrument.source:
        raise BadInputError(
            f"instrument {instrument.name!r} has source {instrument.source!r}, but pixels are "
            "measured without weights. Write `pixels`."
        )
    return Resolution(revision="code", location="")


ENTRY = ExtractorEntry(
    name="pixels",
    version=1,
    reads=frozenset({"picture"}),
    gives=frozenset({"measurements"}),
    resolve=resolve,
    implementation="evalharness.extractors.pixels_reader:PixelsExtractor",
    batch_size=8,
    imports=("cv2",),
    packaged=True,
)
