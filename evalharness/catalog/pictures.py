"""Anybody's picture files: bytes → uint8 RGB pixels, or an error that says what is wrong.

One convention for every reader, because each choice changes scores: pixels stand upright (EXIF
orientation applied); transparency is laid over white; of 16 bits the upper 8 are kept; grey and
palettes become RGB; CMYK is converted plainly; colour profiles are not applied. Refused are
animations and multi-page files (which frame is meant?), 32-bit and floating-point samples,
pictures above `MOST_PIXELS`, files cut short, and every format not listed in `FORMATS`. A PNG's
checksums are verified; JPEG and WebP have none, so there a flipped bit that still decodes cannot
be told from the picture that was meant.
"""

from __future__ import annotations

import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from evalharness.core.errors import BadInputError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
UNREAD_ENDINGS = frozenset(
    f".{ending}"
    for ending in (
        *("svg", "heic", "heif", "avif", "jxl", "jp2", "psd", "eps", "ico", "tga", "exr", "hdr"),
        *("dng", "cr2", "nef", "pdf"),
    )
)
"""Pictures too, to their owners; a reader of folders says that it cannot read them."""

MOST_PIXELS = 89_478_485
"""Pillow's own threshold for what may be a decompression bomb: 256 MiB of RGB."""

SHOWABLE: Mapping[str, Callable[[bytes], bool]] = {
    "png": lambda data: data.startswith(b"\x89PNG"),
    "jpg": lambda data: data.startswith(b"\xff\xd8\xff"),
    "webp": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
}
"""Formats that models, browsers and this project read alike, by what their bytes begin with."""

_STACKED = frozenset({"MPO"})
"""JPEGs with previews behind them, as phones write: the first is the picture."""
_SIXTEEN_BITS = ("I;16", "I;16B", "I;16L", "I;16N")
_PLAIN = ("1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr")
_TRANSPARENT = ("RGBA", "LA", "PA", "RGBa", "La")
_PNG = b"\x89PNG\r\n\x1a\n"

Item = TypeVar("Item")
Found = TypeVar("Found")


class UnreadablePictureError(BadInputError):
    """Bytes that are no picture, or one that cannot be turned into pixels without guessing."""


def decode(data: bytes, origin: str) -> NDArray[np.uint8]:
    """`data` as RGB, uint8 (height, width, 3); `origin` names the picture in errors.

    Raises UnreadablePictureError.
    """
    _refuse_damaged_png(data, origin)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as picture:
            _refuse_what_needs_guessing(picture, origin)
            return np.asarray(_as_rgb(ImageOps.exif_transpose(picture), origin), np.uint8)
    except UnreadablePictureError:
        raise
    except UnidentifiedImageError:
        raise _unreadable(
            origin, f"is none of {', '.join(FORMATS)}{_guess(data)}", "Convert it to PNG"
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(origin) from None
    except Exception as error:  # Pillow's readers raise whatever they stumble over
        raise _unreadable(origin, f"cannot be decoded ({error}); it may be cut short") from error


def format_of(data: bytes) -> str | None:
    """Which of the formats in `SHOWABLE` the bytes are in, by their beginning; None for others."""
    return next((name for name, begins in SHOWABLE.items() if begins(data)), None)


def ahead(
    read: Callable[[Item], Found], items: Iterable[Item], threads: int = 2, window: int = 32
) -> Iterator[Found]:
    """`read` of every item in order, done by threads while the caller works on earlier ones.

    At most `window` results wait, so that memory does not grow with the number of items.
    """
    waiting: deque[Future[Found]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(read, item))
                if len(waiting) > window:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _refuse_what_needs_guessing(picture: Image.Image, origin: str) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large(origin)
    frames = getattr(picture, "n_frames", 1)
    if frames > 1 and picture.format not in _STACKED:
        raise _unreadable(origin, f"holds {frames} frames or pages", "Save the one that is meant")
    if picture.mode in ("I", "F"):
        raise _unreadable(origin, f"has {picture.mode}32 samples", "Save it with 8 or 16 bits")


def _as_rgb(picture: Image.Image, origin: str) -> Image.Image:
    if picture.mode in _SIXTEEN_BITS:
        # Pillow's own conversion clips at 255 instead of scaling
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if picture.mode in _TRANSPARENT or "transparency" in picture.info:
        opaque = Image.new("RGBA", picture.size, "white")
        opaque.alpha_composite(picture.convert("RGBA"))
        return opaque.convert("RGB")
    if picture.mode not in _PLAIN:
        raise _unreadable(origin, f"has colours of mode {picture.mode}", "Save it as RGB")
    return picture.convert("RGB")


def _refuse_damaged_png(data: bytes, origin: str) -> None:
    """Check every chunk's checksum, which Pillow does not do for pixels."""
    if not data.startswith(_PNG):
        return
    place = len(_PNG)
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            break
        if zlib.crc32(memoryview(data)[place + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise _unreadable(origin, f"is damaged: a checksum at byte {place} is wrong")
        if data[place + 4 : place + 8] == b"IEND":
            return
        place = end + 4
    raise _unreadable(origin, f"is cut short after {len(data)} bytes")


def _guess(data: bytes) -> str:
    start = data[:512].lstrip().lower()
    if not data:
        return " (it is empty)"
    return " (it looks like SVG)" if b"<svg" in start else ""


def _too_large(origin: str) -> UnreadablePictureError:
    most = f"{MOST_PIXELS / 1e6:.0f} megapixels"
    return _unreadable(origin, f"has more than {most}", "Scale it down")


def _unreadable(origin: str, problem: str, advice: str = "Repair it") -> UnreadablePictureError:
    return UnreadablePictureError(f"The picture {origin} {problem}. {advice}, or take it out.")
