"""`vqa`: would a vision-language model answer a question on a picture with yes? The light half.

Any model of transformers' image-text-to-text class, in a folder of its own layout.
"""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import transformers_weights

DTYPES = ("float32", "bfloat16", "float16")


def dtype_of(instrument: Instrument) -> str:
    """The option `dtype` (float32 unless given), in which it computes; raises BadInputError."""
    name = instrument.options.get("dtype", DTYPES[0])
    if name not in DTYPES:
        raise BadInputError(
            f"instrument {instrument.name!r}: dtype is {name!r}; expected one of "
            f"{', '.join(DTYPES)}."
        )
    return str(name)


def resolve(instrument: Instrument) -> Resolution:
    """Find the folder; raises BadInputError, MissingWeightsError, UntrustedWeightsError."""
    dtype_of(instrument)
    return transformers_weights.resolve(instrument)


ENTRY = ExtractorEntry(
    name="vqa",
    version=2,
    reads=frozenset({"pair"}),
    gives=frozenset({"probability"}),
    resolve=resolve,
    implementation="evalharness.extractors.vqa_network:VqaExtractor",
    batch_size=8,
    imports=("torch", "transformers"),
)
