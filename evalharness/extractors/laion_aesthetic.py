"""`laion_aesthetic`: a rating from CLIP's picture vector and a small head; the light half.

Two sources: the head is the instrument's own (one file), the tower its option `tower`, an
open_clip source. The identity is that of both.
"""

from __future__ import annotations

from dataclasses import replace

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import checkpoints, open_clip

TOWER = "hf-hub:timm/vit_large_patch14_clip_224.openai"
"""The CLIP ViT-L/14 of OpenAI, on whose vectors both published heads were trained."""


def tower_of(instrument: Instrument) -> Instrument:
    """The CLIP model under the head, as an instrument of its own."""
    source = str(instrument.options.get("tower", TOWER))
    return replace(instrument, extractor="open_clip", source=source, revision=None, sha256=None)


def resolve(instrument: Instrument) -> Resolution:
    """Find the head and the tower; `adapters` holds their own resolutions in this order.

    Raises BadInputError, MissingWeightsError, UntrustedWeightsError.
    """
    head = checkpoints.resolve(instrument, "the head's .pth")
    tower = open_clip.resolve(tower_of(instrument))
    return checkpoints.composed(head=head, tower=tower)


ENTRY = ExtractorEntry(
    name="laion_aesthetic",
    version=1,
    reads=frozenset({"picture"}),
    gives=frozenset({"rating"}),
    resolve=resolve,
    implementation="evalharness.extractors.laion_aesthetic_network:LaionAestheticExtractor",
    batch_size=64,
    imports=("torch", "open_clip"),
)
