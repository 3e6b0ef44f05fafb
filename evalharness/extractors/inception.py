"""`inception`: torch-fidelity's FID network, 2048 features or 1008 logits; the light half.

Option `resize` is the recipe pictures are resized by: `tensorflow-1` (torch-fidelity's, and the
original FID's), `clean` (clean-FID's) or `antialiased` (torchmetrics' default since 1.8). Option
`features` is `pool`, or `logits` for the Inception Score. Each is another number: instruments.yaml
names them.

The weights are looked for at the instrument's source, in torch's cache, and on the network. Only
the published file (by its sha256) is read as a PyTorch checkpoint; one's own are safetensors.
"""

from __future__ import annotations

import os
from pathlib import Path

from evalharness.catalog.digests import file_digest
from evalharness.catalog.weights import local_path, resolve_source
from evalharness.core.contracts import ExtractorEntry, Sight
from evalharness.core.errors import MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Instrument, Resolution
from evalharness.extractors.instrument_options import refuse_unknown, word

URL = (
    "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
    "weights-inception-2015-12-05-6726825d.pth"
)
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
BYTES = 95_628_359
NAMES = ("weights-inception-2015-12-05-6726825d.pth", "pt_inception-2015-12-05-6726825d.pth")
"""torch-fidelity's and pytorch-fid's names of the same bytes."""

RESIZES = ("tensorflow-1", "clean", "antialiased")
FEATURES = ("pool", "logits")


def cache_folder() -> Path:
    """Where torch keeps downloaded checkpoints: `TORCH_HOME`, or `torch` in the user's cache."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    home = Path(os.environ.get("TORCH_HOME") or caches / "torch")
    return home.expanduser() / "hub" / "checkpoints"


def resolve(instrument: Instrument) -> Resolution:
    """The instrument's own file, else the cached one, else what is to be downloaded.

    Raises MissingWeightsError (nothing at the source; offline and not cached),
    UntrustedWeightsError (a pickle that is not the published file), BadInputError (wrong pin or
    option) and UnknownNameError (unknown option).
    """
    check_options(instrument)
    if instrument.source:
        return _own(instrument)
    for name in NAMES:
        cached = cache_folder() / name
        if cached.is_file() and file_digest(cached) == SHA256:
            return Resolution(f"sha256:{SHA256}", str(cached))
    if os.environ.get("HF_HUB_OFFLINE", "0").upper() in {"1", "ON", "YES", "TRUE"}:
        raise missing(instrument, "HF_HUB_OFFLINE is set, so nothing is downloaded")
    return Resolution(f"sha256:{SHA256}", None, BYTES)


def check_options(instrument: Instrument) -> tuple[str, str]:
    """The options `resize` and `features`; raises BadInputError and UnknownNameError."""
    refuse_unknown(instrument, ("resize", "features"))
    return (
        word(instrument, "resize", RESIZES[0], RESIZES),
        word(instrument, "features", FEATURES[0], FEATURES),
    )


def gives(instrument: Instrument) -> frozenset[Sight]:
    """Logits where the options ask for them, else a vector of features."""
    _, features = check_options(instrument)
    return frozenset({"logits" if features == "logits" else "vector"})


def _own(instrument: Instrument) -> Resolution:
    path = local_path(instrument.source)
    if path is None or not path.is_file():
        raise missing(instrument, f"there is no file at {path or instrument.source}")
    what = f"instrument {instrument.name!r}"
    if path.suffix == ".safetensors":
        return resolve_source(
            str(path), instrument.revision, patterns=("*.safetensors",), what=what
        )
    found = file_digest(path)
    if found != SHA256:
        raise UntrustedWeightsError(
            f"{what}: {path} has sha256 {found}, which is not the published file's ({SHA256}); "
            "loading an unknown checkpoint can run any code. Convert it to safetensors in a place "
            "you trust, or use the published file."
        )
    return Resolution(f"sha256:{SHA256}", str(path))


def missing(instrument: Instrument, problem: str) -> MissingWeightsError:
    """The error that names all three places where the weights could be."""
    return MissingWeightsError(
        f"instrument {instrument.name!r}: no weights of the FID network, {problem}. They are read "
        f"from (1) the instrument's source: {instrument.source or 'none given'}, a .safetensors "
        f"or the published .pth file, such as inception:./{NAMES[0]}; (2) the cache: "
        f"{cache_folder()}/{NAMES[0]}; (3) the network: {URL} ({BYTES / 1e6:.0f} MB). Download "
        "the file on a machine with a network and put it in one of the first two places."
    )


ENTRY = ExtractorEntry(
    name="inception",
    version=1,
    reads=frozenset({"picture"}),
    gives=gives,
    resolve=resolve,
    implementation="evalharness.extractors.inception_network:InceptionExtractor",
    imports=("torch", "torch_fidelity"),
)
