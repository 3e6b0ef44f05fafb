"""Reference pictures from a folder (`reference: folder:./photos` in a suite) or a single file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from evalharness.catalog.digests import file_digest, folder_digest
from evalharness.catalog.pictures import ENDINGS, UNREAD_ENDINGS, ahead, decode
from evalharness.core.contracts import ReferenceSource
from evalharness.core.errors import BadInputError
from evalharness.core.outcomes import Picture

_SHOWN = 3


def picture_files(folder: Path) -> list[str]:
    """The relative names of all pictures below a folder, sorted; links to folders not followed.

    Raises BadInputError for no folder, none in it, links that lead out of it, and pictures of
    formats that are not read: leaving them out in silence would measure another set.
    """
    if not folder.is_dir():
        raise BadInputError(f"There is no folder {folder} of pictures. Check the path.")
    inside = folder.resolve()
    found, unread, outside = [], [], []
    for place, _, names in os.walk(folder):
        for path in (Path(place, name) for name in names):
            if path.suffix.lower() in UNREAD_ENDINGS:
                unread.append(path.name)
            elif path.suffix.lower() in ENDINGS:
                if path.is_symlink() and not path.resolve().is_relative_to(inside):
                    outside.append(path.name)
                found.append(path.relative_to(folder).as_posix())
    endings = ", ".join(sorted(ENDINGS))
    if unread:
        raise BadInputError(
            f"{folder} holds pictures that cannot be read ({_some(unread)}); expected {endings}. "
            "Convert them or take them out."
        )
    if outside:
        raise BadInputError(
            f"{folder} holds links that lead out of it ({_some(outside)}). Copy the pictures in."
        )
    if not found:
        raise BadInputError(f"The folder {folder} holds no pictures ({endings}).")
    return sorted(found)


def _some(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _folder(argument: str, base: Path) -> Path:
    return base / Path(argument).expanduser()


def _identity(argument: str, base: Path) -> str:
    folder = _folder(argument, base)
    return folder_digest(folder, picture_files(folder))


def _pictures(argument: str, base: Path) -> Iterator[Picture]:
    """Every picture in the order of its name."""
    folder = _folder(argument, base)
    return ahead(_read, (folder / name for name in picture_files(folder)))


def _read(path: Path) -> Picture:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"The picture {path} cannot be read: {error.strerror}.") from error
    return Picture(decode(data, str(path)))


FOLDER = ReferenceSource(name="folder", identity=_identity, pictures=_pictures)


def _file(argument: str, base: Path) -> Path:
    path = base / Path(argument).expanduser()
    if not path.is_file():
        raise BadInputError(f"There is no picture {str(path)!a}. Check the path.")
    return path


FILE = ReferenceSource(
    name="file",
    identity=lambda argument, base: file_digest(_file(argument, base)),
    pictures=lambda argument, base: iter([_read(_file(argument, base))]),
)
