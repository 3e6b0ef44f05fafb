"""`dinov2`: DINOv2's class token, for FD-DINOv2 and near-duplicates; the light half.

Sources are models of transformers (`hf-hub:facebook/dinov2-large`, or a folder in its layout).
"""

from __future__ import annotations

from evalharness.core.contracts import ExtractorEntry
from evalharness.extractors.transformers_weights import resolve

ENTRY = ExtractorEntry(
    name="dinov2",
    version=2,
    reads=frozenset({"picture"}),
    gives=frozenset({"vector"}),
    resolve=resolve,
    implementation="evalharness.extractors.dinov2_network:Dinov2Extractor",
    imports=("torch", "transformers"),
)
