"""Bytes of a user's file as text, with limits and errors that say where."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from evalharness.core.errors import BadInputError


def read_text(path: Path, limit_bytes: int) -> str:
    """The file as text; a UTF-8 byte-order mark is dropped, line ends become newlines.

    What ends in .gz is unpacked, no further than the limit. Raises BadInputError for a file that
    is missing, larger than `limit_bytes`, damaged or not UTF-8.
    """
    try:
        size = path.stat().st_size
        if size > limit_bytes:
            raise BadInputError(f"{path}: found {size:,} bytes; expected at most {limit_bytes:,}.")
        packed = path.suffix.lower() == ".gz"
        content = _unpacked(path, limit_bytes) if packed else path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInputError(f"{path} cannot be read: {reason}. Check the path.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInputError(
            f"{path}, line {line}: found the byte 0x{content[error.start]:02x}, which is not "
            "UTF-8; expected a text file saved as UTF-8."
        ) from None
    return text.replace("\r\n", "\n")


def _unpacked(path: Path, limit_bytes: int) -> bytes:
    try:
        with gzip.open(path) as file:
            content = file.read(limit_bytes + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInputError(f"{path} is no whole gzip file: {error}. Copy it again.") from None
    if len(content) > limit_bytes:
        raise BadInputError(f"{path}: it unpacks to more than {limit_bytes:,} bytes.")
    return content
