"""`judge`: a language model that grades answers, or says which of two is better. The light half.

Any chat model of transformers' causal class, in a folder of its own layout, greedy.

options: dtype (float32 unless given), max_new_tokens (256: room for a reason before the verdict)
"""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import transformers_weights
from evalharness.extractors.vqa import dtype_of

MOST_NEW_TOKENS = 256


def room_for_words(instrument: Instrument) -> int:
    """The option `max_new_tokens`; raises BadInputError for no whole number above 0."""
    most = instrument.options.get("max_new_tokens", MOST_NEW_TOKENS)
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise BadInputError(
            f"instrument {instrument.name!r}: max_new_tokens is {most!r}; expected a whole number "
            "of at least 1."
        )
    return most


def resolve(instrument: Instrument) -> Resolution:
    """Find the folder; raises BadInputError, MissingWeightsError, UntrustedWeightsError."""
    dtype_of(instrument)
    room_for_words(instrument)
    return transformers_weights.resolve(instrument)


ENTRY = ExtractorEntry(
    name="judge",
    version=1,
    reads=frozenset({"exchange"}),
    gives=frozenset({"grade", "verdict"}),
    resolve=resolve,
    implementation="evalharness.extractors.judge_network:JudgeExtractor",
    batch_size=8,
    imports=("torch", "transformers"),
)
