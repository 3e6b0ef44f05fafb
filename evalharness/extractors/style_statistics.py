"""`style_statistics`: style as colour and texture, where no style network is at hand; light half.

The documented stand-in for `csd`, an instrument of its own: it sees palette, contrast, sharpness
and the grain and direction of marks, and knows nothing of what they mean.
"""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution


def resolve(instrument: Instrument) -> Resolution:
    """Nothing to find: the code is the weights, and the entry's version identifies it."""
    if instrument.source or instrument.options:
        raise BadInputError(
            f"instrument {instrument.name!r} has a source or options, but style statistics have "
            "neither weights nor choices. Write `style_statistics`."
        )
    return Resolution(revision="code", location="")


ENTRY = ExtractorEntry(
    name="style_statistics",
    version=1,
    reads=frozenset({"picture"}),
    gives=frozenset({"vector"}),
    resolve=resolve,
    implementation="evalharness.extractors.style_statistics_counts:StyleStatisticsExtractor",
    packaged=True,
)
