"""`phash`: a perceptual hash, for near-duplicates without a network; the light half."""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution


def resolve(instrument: Instrument) -> Resolution:
    """Nothing to find: the code is the weights, and the entry's version identifies it."""
    if instrument.source or instrument.options:
        raise BadInputError(
            f"instrument {instrument.name!r} has a source or options, but the perceptual hash has "
            "neither weights nor choices. Write `phash`."
        )
    return Resolution(revision="code", location="")


ENTRY = ExtractorEntry(
    name="phash",
    version=1,
    reads=frozenset({"picture"}),
    gives=frozenset({"bits"}),
    resolve=resolve,
    implementation="evalharness.extractors.phash_dct:PhashExtractor",
    packaged=True,
)
