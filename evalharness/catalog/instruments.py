"""Instruments by name: an extractor with its weights chosen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from evalharness.catalog import registry
from evalharness.catalog.documents import refused_character
from evalharness.catalog.forms import InstrumentForm
from evalharness.catalog.names import is_local
from evalharness.catalog.yaml_files import read_yaml
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Instrument

_CATALOGUE = Path(__file__).with_name("instruments.yaml")


@cache
def _catalogue() -> Mapping[str, Instrument]:
    document = read_yaml(_CATALOGUE)
    entries = document.data if isinstance(document.data, list) else []
    forms = (document.read_as(InstrumentForm, (place,)) for place in range(len(entries)))
    return {form.name: form.to_instrument() for form in forms}


def instrument_names() -> tuple[str, ...]:
    """The instruments that have a short name."""
    return tuple(_catalogue())


def load_instrument(name: str) -> Instrument:
    """An instrument by its short name (`tiny-clip`) or as `EXTRACTOR:SOURCE[@REVISION]`.

    For example `open_clip:ViT-B-32/laion2b_s34b_b79k`, `open_clip:hf-hub:org/name@v1`,
    `open_clip:./folder@sha256:…` or `inception:./weights.pth`. Raises UnknownNameError or
    BadInputError.
    """
    known = _catalogue()
    if name in known:
        return known[name]
    extractor, colon, written = name.partition(":")
    extractors = registry.names("extractors")
    if not colon and name not in extractors:
        raise unknown_name("instrument", name, {*known, *extractors})
    if extractor not in extractors:
        raise unknown_name("extractor", extractor, extractors)
    source, revision = _pinned(written)
    if not source or revision == "" or set(written) & set("[]") or refused_character(written):
        raise BadInputError(
            f"{name!a} is not an instrument. Write {extractor}:SOURCE or "
            f"{extractor}:SOURCE@REVISION, such as open_clip:ViT-B-32/laion2b_s34b_b79k, "
            "open_clip:hf-hub:org/name@COMMIT or open_clip:./folder."
        )
    return Instrument(name=name, extractor=extractor, source=source, revision=revision)


def _pinned(written: str) -> tuple[str, str | None]:
    """A source and its revision; paths may hold an @ too, but are pinned only by their content."""
    source, at, revision = written.rpartition("@")
    if not at or (is_local(written) and not revision.startswith("sha256:")):
        return written, None
    return source, revision
