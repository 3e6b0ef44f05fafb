"""`hps`: the Human Preference Score v2, an OpenCLIP ViT-H/14 tuned on choices; the light half.

The source is one file of weights by open_clip's names (`HPS_v2.1_compressed.pt`, converted).
"""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import checkpoints


def resolve(instrument: Instrument) -> Resolution:
    """Find the file; raises BadInputError, MissingWeightsError, UntrustedWeightsError."""
    return checkpoints.resolve(instrument, "HPS_v2.1_compressed.pt")


ENTRY = ExtractorEntry(
    name="hps",
    version=1,
    reads=frozenset({"pair"}),
    gives=frozenset({"preference"}),
    resolve=resolve,
    implementation="evalharness.extractors.hps_network:HpsExtractor",
    batch_size=16,
    imports=("torch", "open_clip"),
)
