"""Weights in one file: safetensors, or the one published pickle whose sha256 is known.

For networks that are not published in the layout of a library. The light half: nothing is read.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from evalharness.catalog.digests import file_digest
from evalharness.catalog.layout import PICKLES
from evalharness.catalog.weights import local_path, resolve_source
from evalharness.core.errors import BadInputError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.keys import digest
from evalharness.core.nouns import Instrument, Resolution

HUB = "hf-hub:"
CONVERT = "python -m evalharness.extractors.convert_checkpoint"


def resolve(instrument: Instrument, example: str) -> Resolution:
    """Find the instrument's one file, here or on the Hub (`hf-hub:org/name/file`).

    A pinned pickle on the Hub is identified by its sha256; `adapters` then holds the resolution
    by commit, by which it is downloaded (`fetched_by`).
    Raises BadInputError (no source, a folder, a wrong pin), MissingWeightsError, and
    UntrustedWeightsError for any pickle but the one whose sha256 the instrument pins.
    """
    what = f"instrument {instrument.name!r}"
    if not instrument.source:
        raise BadInputError(
            f"{what} has no weights that can be fetched. Get {example} from "
            f"{instrument.home or 'its authors'}, convert it in a place you trust (`{CONVERT} "
            f"{example} OUT.safetensors`) and write {instrument.extractor}:./OUT.safetensors."
        )
    source = instrument.source.removeprefix(HUB)
    path = local_path(source)
    if path is not None and not path.is_file():
        raise MissingWeightsError(
            f"{what}: there is no file at {path}; expected {example}, or a .safetensors file "
            f"with the same weights."
        )
    if is_pickle(source):
        return _pinned(instrument, source, path, what)
    return resolve_source(source, instrument.revision, patterns=("*.safetensors",), what=what)


def composed(**parts: Resolution) -> Resolution:
    """Weights of several parts as one; `adapters` holds the parts' own, in the order given.

    It stands where the first part stands.
    """
    identity = digest({name: part.revision for name, part in parts.items()})
    found = tuple(parts.values())
    missing = sum(part.download_bytes or 0 for part in found)
    return Resolution(f"sha256:{identity}", found[0].location, missing or None, found)


def fetched_by(resolution: Resolution) -> Resolution:
    """What the Hub is asked for: a file's resolution by commit, where its identity is another."""
    return resolution.adapters[0] if resolution.adapters else resolution


def is_pickle(source: str) -> bool:
    """Whether a file's name says that reading it unpickles."""
    return PurePosixPath(source).suffix in PICKLES


def _pinned(instrument: Instrument, source: str, path: Path | None, what: str) -> Resolution:
    if instrument.sha256 is None:
        raise UntrustedWeightsError(
            f"{what}: {source} is a pickle, which can run any code, and no sha256 of a published "
            f"one is known. Convert it in a place you trust: `{CONVERT} {source} OUT.safetensors`."
        )
    identity = f"sha256:{instrument.sha256}"
    if path is not None:
        refuse_other_bytes(path, instrument)
        return Resolution(identity, str(path))
    found = resolve_source(source, instrument.revision, patterns=(), what=what)
    if found.location is not None:
        refuse_other_bytes(Path(found.location), instrument)
    return Resolution(identity, found.location, found.download_bytes, (found,))


def refuse_other_bytes(path: Path, instrument: Instrument) -> None:
    """Raise UntrustedWeightsError unless the file is the pickle that the instrument pins."""
    found = file_digest(path)
    if found != instrument.sha256:
        raise UntrustedWeightsError(
            f"instrument {instrument.name!r}: {path} has sha256 {found}, expected the published "
            f"file's {instrument.sha256}; another pickle can run any code. Get the published file, "
            f"or convert yours in a place you trust: `{CONVERT} {path.name} OUT.safetensors`."
        )
