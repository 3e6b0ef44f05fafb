"""`csd`: contrastive style descriptors, what a picture looks like rather than shows; light half.

Weights: one `model.safetensors` with CSD's published names (`backbone.…` of OpenAI's CLIP ViT,
`last_layer_style`), as in `hf-hub:yuxi-liu-wired/CSD`, in a folder, or a file of any name.
Without them `style_statistics` describes style by colour and texture alone, as an instrument of
its own; vectors of the two cannot be compared.
"""

from __future__ import annotations

from evalharness.catalog.weights import resolve_source
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Resolution

HUB = "hf-hub:"
FILE = "model.safetensors"


def resolve(instrument: Instrument) -> Resolution:
    """Find the weights; raises MissingWeightsError, UntrustedWeightsError and BadInputError."""
    what = f"instrument {instrument.name!r}"
    if not instrument.source:
        raise BadInputError(
            f"{what} has no source. Give hf-hub:yuxi-liu-wired/CSD, or a folder with its {FILE}."
        )
    return resolve_source(
        instrument.source.removeprefix(HUB), instrument.revision, patterns=(FILE,), what=what
    )


ENTRY = ExtractorEntry(
    name="csd",
    version=1,
    reads=frozenset({"picture"}),
    gives=frozenset({"vector"}),
    resolve=resolve,
    implementation="evalharness.extractors.csd_network:CsdExtractor",
    imports=("torch", "open_clip"),
)
