"""Instruments by name: an extractor with its weights chosen."""

from __future__ import annotations

from evalharness.catalog import registry
from evalharness.catalog.documents import refused_character
from evalharness.catalog.names import is_local
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Instrument

# Hub repositories rather than open_clip's tags: a tag is looked up by importing open_clip
_CLIP_B_32 = "hf-hub:timm/vit_base_patch32_clip_224.openai"
_CLIP_L_14 = "hf-hub:timm/vit_large_patch14_clip_224.openai"

_BUILT_IN = {
    instrument.name: instrument
    for instrument in (
        Instrument("clip-vit-b-32", "open_clip", _CLIP_B_32),
        Instrument("clip-vit-l-14", "open_clip", _CLIP_L_14),
        Instrument("fake", "fake"),
        Instrument("inception", "inception"),
        Instrument("ocr", "ocr"),
        Instrument("tiny-clip", "open_clip", "package:tinyworld/weights/tiny-clip"),
    )
}


def instrument_names() -> tuple[str, ...]:
    """The instruments that have a short name."""
    return tuple(_BUILT_IN)


def load_instrument(name: str) -> Instrument:
    """An instrument by its short name (`tiny-clip`) or as `EXTRACTOR:SOURCE[@REVISION]`.

    For example `open_clip:ViT-B-32/laion2b_s34b_b79k`, `open_clip:hf-hub:org/name@v1`,
    `open_clip:./folder@sha256:…` or `inception:./weights.pth`. Raises UnknownNameError or
    BadInputError.
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    extractor, colon, written = name.partition(":")
    extractors = registry.names("extractors")
    if not colon and name not in extractors:
        raise unknown_name("instrument", name, {*_BUILT_IN, *extractors})
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
