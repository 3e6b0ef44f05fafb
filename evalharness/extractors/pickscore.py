"""`pickscore`: a CLIP model in transformers' layout, tuned on people's choices; the light half."""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.extractors.transformers_weights import resolve

ENTRY = ExtractorEntry(
    name="pickscore",
    version=1,
    reads=frozenset({"pair"}),
    gives=frozenset({"preference"}),
    resolve=resolve,
    implementation="evalharness.extractors.pickscore_network:PickScoreExtractor",
    batch_size=16,
    imports=("torch", "transformers"),
)
