"""`image_classifier`: how probable a classifier of transformers finds one label; the light half.

Option `label` names it, such as `nsfw`; it is required, and must be one the model knows.
"""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import transformers_weights
from evalharness.extractors.instrument_options import refuse_unknown, word, wrong


def resolve(instrument: Instrument) -> Resolution:
    """As `transformers_weights.resolve`; raises BadInputError for a missing label too."""
    refuse_unknown(instrument, ("label",))
    if not word(instrument, "label", ""):
        raise wrong(instrument, "label", "the label whose probability is wanted, such as nsfw")
    return transformers_weights.resolve(instrument)


ENTRY = ExtractorEntry(
    name="image_classifier",
    version=1,
    reads=frozenset({"picture"}),
    gives=frozenset({"probability"}),
    resolve=resolve,
    implementation="evalharness.extractors.image_classifier_network:ImageClassifierExtractor",
    imports=("torch", "transformers"),
)
