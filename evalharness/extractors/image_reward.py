"""`image_reward`: BLIP reads the prompt with the picture before it, a head scores; the light half.

Two sources: the network is the instrument's own (one file, `ImageReward.pt` or that converted), the
option `tokenizer` a folder or Hub repository with BERT's words. The identity is that of both.
"""

from __future__ import annotations

from dataclasses import replace

from evalharness.catalog.transformers_folder import HUB
from evalharness.catalog.weights import resolve_source
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import checkpoints

TOKENIZER = "hf-hub:google-bert/bert-base-uncased"
TOKENIZER_FILES = ("tokenizer*", "vocab.txt", "special_tokens_map.json", "config.json")


def tokenizer_of(instrument: Instrument) -> Instrument:
    """BERT's tokenizer, as an instrument of its own."""
    source = str(instrument.options.get("tokenizer", TOKENIZER))
    return replace(instrument, source=source, revision=None, sha256=None)


def resolve(instrument: Instrument) -> Resolution:
    """Find the network and the tokenizer; `adapters` holds their own resolutions in this order.

    Raises BadInputError, MissingWeightsError, UntrustedWeightsError.
    """
    network = checkpoints.resolve(instrument, "ImageReward.pt")
    words = resolve_source(
        tokenizer_of(instrument).source.removeprefix(HUB),
        patterns=TOKENIZER_FILES,
        what=f"instrument {instrument.name!r}, tokenizer",
    )
    return checkpoints.composed(network=network, tokenizer=words)


ENTRY = ExtractorEntry(
    name="image_reward",
    version=1,
    reads=frozenset({"pair"}),
    gives=frozenset({"preference"}),
    resolve=resolve,
    implementation="evalharness.extractors.image_reward_network:ImageRewardExtractor",
    batch_size=16,
    imports=("torch", "transformers", "open_clip"),
)
