"""`lpips`: how different an edit looks from its picture to a network; the light half.

Two files: the network that looks (torchvision's AlexNet or VGG-16, the instrument's source) and
the weights of its layers' differences, which torchmetrics brings along. The option `network` says
which of the two networks it is, `alex` (the default, as in the paper) or `vgg`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from evalharness.catalog.digests import file_digest
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors import checkpoints
from evalharness.extractors.instrument_options import refuse_unknown, word

HEADS = {
    "alex": "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
    "vgg": "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868",
}
"""The sha256 of LPIPS' linear weights (version 0.1), as torchmetrics carries them."""

EXAMPLES = {"alex": "alexnet-owt-7be5be79.pth", "vgg": "vgg16-397923af.pth"}
"""torchvision's files."""


def network_of(instrument: Instrument) -> str:
    """`alex` or `vgg`; raises BadInputError and UnknownNameError for other options."""
    refuse_unknown(instrument, ("network",))
    return word(instrument, "network", "alex", tuple(HEADS))


def resolve(instrument: Instrument) -> Resolution:
    """Find the network and the heads; `adapters` holds their own resolutions in this order.

    Raises BadInputError, MissingWeightsError, UntrustedWeightsError.
    """
    network = network_of(instrument)
    backbone = checkpoints.resolve(instrument, EXAMPLES[network])
    return checkpoints.composed(backbone=backbone, heads=_heads(instrument, network))


def _heads(instrument: Instrument, network: str) -> Resolution:
    what = f"instrument {instrument.name!r}"
    spec = find_spec("torchmetrics")  # looked for, not imported: that would load torch
    folder = Path(spec.origin).parent if spec is not None and spec.origin else Path()
    path = folder / "functional" / "image" / "lpips_models" / f"{network}.pth"
    if not path.is_file():
        raise MissingWeightsError(
            f"{what}: torchmetrics brings no {path.name} in {path.parent}. Install the version of "
            "requirements.lock."
        )
    found = file_digest(path)
    if found != HEADS[network]:
        raise UntrustedWeightsError(
            f"{what}: {path} has sha256 {found}, expected the published file's {HEADS[network]}. "
            "Install torchmetrics again."
        )
    return Resolution(f"sha256:{found}", str(path))


ENTRY = ExtractorEntry(
    name="lpips",
    version=1,
    reads=frozenset({"change"}),
    gives=frozenset({"distance"}),
    resolve=resolve,
    implementation="evalharness.extractors.lpips_network:LpipsExtractor",
    batch_size=8,
    imports=("torch", "torchvision"),
)
