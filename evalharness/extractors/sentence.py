"""`sentence`: vectors of texts from any sentence-embedding model; the light half.

Sources: a folder in sentence-transformers' layout (`modules.json` beside the encoder), or a plain
encoder of transformers, whose tokens' mean is taken; local or `hf-hub:org/name`. Both are read
here rather than by sentence-transformers: that would unpickle weights of a layer that has no
safetensors, and fill in at random what a folder lacks.

options: prefix (words put before every text, such as E5's "query: "; without it the folder's own
default prompt), pooling (cls, lasttoken, max, mean …; for plain encoders, mean unless given),
max_tokens (fewer than the model reads)
"""

from __future__ import annotations

from pathlib import Path

from evalharness.catalog.transformers_folder import FILES
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import transformers_weights
from evalharness.extractors.instrument_options import refuse_unknown
from evalharness.extractors.sentence_layout import (
    DEFAULTS_FILE,
    ENCODER_FILES,
    MODULES_FILE,
    read_layout,
)

OPTIONS = ("max_tokens", "pooling", "prefix")
FOLDER_FILES = (
    *(pattern for pattern in FILES if pattern != "!*/*"),
    MODULES_FILE,
    DEFAULTS_FILE,
    *ENCODER_FILES,
    "[0-9]*_*/*.json",
    "[0-9]*_*/*.safetensors",
    "[0-9]*_*/vocab*",
    "[0-9]*_*/merges.txt",
    "!onnx/*",
    "!openvino/*",
    "!checkpoint*/*",
)


def resolve(instrument: Instrument) -> Resolution:
    """Find the folder; raises BadInputError, MissingWeightsError, UntrustedWeightsError."""
    refuse_unknown(instrument, OPTIONS)
    found = transformers_weights.resolve(instrument, FOLDER_FILES)
    if found.location is not None:
        read_layout(Path(found.location), instrument)
    return found


ENTRY = ExtractorEntry(
    name="sentence",
    version=1,
    reads=frozenset({"text"}),
    gives=frozenset({"vector"}),
    resolve=resolve,
    implementation="evalharness.extractors.sentence_network:SentenceExtractor",
    batch_size=128,
    imports=("torch", "transformers"),
)
