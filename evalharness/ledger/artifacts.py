"""Bytes under their sha256: stored once, verified whenever they are read."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.catalog.pictures import SHOWABLE, decode, format_of
from evalharness.core.contracts import Kind
from evalharness.core.errors import BadInputError, DamagedArtifactError
from evalharness.core.likelihoods import written
from evalharness.core.outcomes import Likelihoods
from evalharness.ledger.durable import write_atomically
from evalharness.ledger.rows import ArtifactRow
from evalharness.ledger.store import Store

THUMB_SIDE = 256
"""The longer side of a thumbnail, in pixels; smaller pictures keep their size."""

_WEBP_QUALITY = 85
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FORMATS = (*SHOWABLE, "txt", "json")
_DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFacts:
    """What was measured of stored bytes: an ArtifactRow before a run wrote it."""

    sha256: str
    kind: Kind
    format: str
    bytes: int
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None
    duration_s: float | None = None
    sample_rate: int | None = None
    text: str | None = None

    def row(self, run: str, made_at: datetime) -> ArtifactRow:
        """The row that names these bytes; write it only after they were stored."""
        return ArtifactRow(run=run, made_at=made_at, **asdict(self))


def store_picture(store: Store, pixels: NDArray[np.uint8]) -> ArtifactFacts:
    """Store RGB pixels, uint8 (height, width, 3), as PNG with a WebP thumbnail.

    Safe from several threads and processes at once. Raises ValueError for other arrays and
    StoreError when the disk is full or the store cannot be written.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(
            f"a picture is uint8 (height, width, 3), found {pixels.dtype} {pixels.shape}"
        )
    turned = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2BGR)
    data = _encoded(".png", turned, [])
    sha256 = hashlib.sha256(data).hexdigest()
    _keep(store, path_of(store, sha256), data)
    _keep_thumbnail(store, sha256, turned)
    height, width = pixels.shape[:2]
    return ArtifactFacts(
        sha256=sha256, kind="picture", format="png", bytes=len(data), width=width, height=height
    )


def store_text(store: Store, text: str) -> ArtifactFacts:
    """Store a text answer as UTF-8 (lone surrogates included); raises StoreError."""
    return _store_words(store, text, "text", "txt")


def store_likelihoods(store: Store, likelihoods: Likelihoods) -> ArtifactFacts:
    """Store likelihoods as JSON; raises ValueError for one that is not finite, and StoreError."""
    return _store_words(store, written(likelihoods), "likelihoods", "json")


def _store_words(store: Store, text: str, kind: Kind, suffix: str) -> ArtifactFacts:
    data = text.encode("utf-8", "surrogatepass")
    sha256 = hashlib.sha256(data).hexdigest()
    _keep(store, path_of(store, sha256, suffix), data)
    return ArtifactFacts(sha256=sha256, kind=kind, format=suffix, bytes=len(data), text=text)


def store_input_picture(store: Store, data: bytes, origin: str) -> ArtifactFacts:
    """Store a prompt's picture as the bytes it came in, with a WebP thumbnail.

    Raises BadInputError (`origin` names it) for what is no PNG, JPEG or WebP, and StoreError.
    """
    pixels = decode(data, origin)
    suffix = format_of(data)
    if suffix is None:
        raise BadInputError(f"The picture {origin} is none of {', '.join(SHOWABLE)}. Convert it.")
    sha256 = hashlib.sha256(data).hexdigest()
    _keep(store, path_of(store, sha256, suffix), data)
    _keep_thumbnail(store, sha256, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    height, width = pixels.shape[:2]
    return ArtifactFacts(
        sha256=sha256, kind="picture", format=suffix, bytes=len(data), width=width, height=height
    )


def read_picture(store: Store, sha256: str) -> NDArray[np.uint8]:
    """The stored picture as RGB pixels, uint8 (height, width, 3).

    Raises DamagedArtifactError (and moves the file away, so that the next run makes it again).
    """
    path = picture_path(store, sha256)
    data = _verified(store, sha256, path.suffix[1:])
    if path.suffix != ".png":
        return decode(data, str(path))
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise DamagedArtifactError(f"Artifact {sha256} is whole but is not a picture.")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def picture_path(store: Store, sha256: str) -> Path:
    """Where a picture lies, whatever its format; that of a PNG where there is none."""
    paths = [path_of(store, sha256, suffix) for suffix in SHOWABLE]
    return next((path for path in paths if path.is_file()), paths[0])


def is_intact(store: Store, sha256: str, size: int) -> bool:
    """Whether an artifact of `size` bytes is there, by a look at its size only (fast)."""
    # strings and no paths: a plan of 100,000 outputs looks at each
    stem = f"{store.artifacts}/{_split(sha256)}"
    return any(_has_size(f"{stem}.{suffix}", size) for suffix in _FORMATS)


def path_of(store: Store, sha256: str, suffix: str = "png") -> Path:
    """Where an artifact lies; BadInputError unless `sha256` is 64 lowercase hex digits."""
    if suffix not in _FORMATS:
        raise BadInputError(f"Artifacts are stored as {_FORMATS}, found {suffix!r}.")
    return store.artifacts / f"{_split(sha256)}.{suffix}"


def thumb_of(store: Store, sha256: str) -> Path:
    """Where a picture's thumbnail lies; BadInputError as `path_of`."""
    return store.thumbs / f"{_split(sha256)}.webp"


def _split(sha256: str) -> str:
    if not _DIGEST.fullmatch(sha256):
        raise BadInputError(
            f"An artifact is named by 64 lowercase hex digits (its sha256), found {sha256[:80]!r}."
        )
    return f"{sha256[:2]}/{sha256[2:]}"


def _encoded(extension: str, pixels: cv2.typing.MatLike, parameters: list[int]) -> bytes:
    done, data = cv2.imencode(extension, pixels, parameters)
    if not done:
        raise ValueError(f"OpenCV could not encode {pixels.shape} as {extension}")
    return data.tobytes()


def _keep_thumbnail(store: Store, sha256: str, pixels: cv2.typing.MatLike) -> None:
    """Store the thumbnail of a picture given as BGR, unless it is there."""
    thumb = thumb_of(store, sha256)
    if not _has_size(thumb, None):
        write_atomically(store.thumbs, thumb, _thumbnail(pixels), sync=False)


def _thumbnail(pixels: cv2.typing.MatLike) -> bytes:
    height, width = pixels.shape[:2]
    scale = min(1.0, THUMB_SIDE / max(height, width))
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return _encoded(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY])


def _has_size(path: Path | str, size: int | None) -> bool:
    """Whether `path` is a file of `size` bytes (of any but 0 for None)."""
    try:
        found = os.stat(path).st_size  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return False
    return found > 0 if size is None else found == size


def _keep(store: Store, path: Path, data: bytes) -> None:
    # Only the size is compared: reading every known picture again would cost more than it saves,
    # and readers verify the digest.
    if not _has_size(path, len(data)):
        write_atomically(store.artifacts, path, data)


def _verified(store: Store, sha256: str, suffix: str) -> bytes:
    path = path_of(store, sha256, suffix)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedArtifactError(
            f"Artifact {path} cannot be read: {error.strerror}. The next `evalharness run` of its "
            "suite makes it again."
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found == sha256:
        return data
    aside = store.artifacts / _DAMAGED / f"{sha256}.{suffix}"
    with suppress(OSError):  # a reader without write permission still gets the error below
        aside.parent.mkdir(exist_ok=True)
        path.replace(aside)
    raise DamagedArtifactError(
        f"Artifact {path} is damaged: found {len(data)} bytes with sha256 {found}, expected "
        f"{sha256}. It was moved to {aside.parent}; the next `evalharness run` of its suite makes "
        "it again."
    )
