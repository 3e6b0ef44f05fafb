"""Folders of pictures, one a label: what is in them, and what in them is no picture."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from evalharness.catalog import pictures
from evalharness.catalog.input_pictures import ENDINGS
from evalharness.core.errors import BadInputError

_UNREAD = (pictures.ENDINGS | pictures.UNREAD_ENDINGS) - set(ENDINGS)
_ARCHIVERS = "__MACOSX"
"""What one system's archiver puts beside the folders that it packs."""


def is_hidden(path: Path) -> bool:
    """Whether a file or folder is not meant to be seen: `.DS_Store`, `.git`."""
    return path.name.startswith(".") or path.name == _ARCHIVERS


def label_folders(folder: Path) -> dict[str, list[str]]:
    """The names of the pictures in each folder of a folder, both sorted.

    Raises BadInputError where there are no folders, pictures beside them, a folder without
    pictures or with folders, and pictures in formats that not every model reads.
    """
    folders = [path for path in _shown(folder) if path.is_dir()]
    for path in _shown(folder):
        if path.is_file() and _is_picture(path):
            raise BadInputError(
                f"{path}: found a picture without a label; expected every picture in a folder "
                f"named after its label. Move it into one of {folder}'s folders."
            )
    if not folders:
        raise BadInputError(
            f"{folder}: found no folders; expected one for each label, with its pictures."
        )
    return {path.name: _pictures(path) for path in folders}


def left_out(folder: Path, known: Collection[str] = ()) -> tuple[str, ...]:
    """The paths, from the folder, of what is neither a picture nor a folder of pictures.

    `known` are files in the folder itself that have a meaning.
    """
    inside = [path for path in sorted(folder.iterdir()) if path.name not in known]
    odd = [path for path in inside if is_hidden(path) or not path.is_dir()]
    for label in inside:
        if label not in odd:
            odd += [p for p in sorted(label.iterdir()) if is_hidden(p) or not _is_picture(p)]
    return tuple(str(path.relative_to(folder)) for path in odd)


def _pictures(folder: Path) -> list[str]:
    found = []
    for path in _shown(folder):
        if path.is_dir():
            raise BadInputError(
                f"{path}: found a folder within the label {folder.name!a}; expected pictures. "
                f"If {folder.name} is a part of the pictures and no label, give {folder}."
            )
        if path.suffix.lower() in _UNREAD:
            raise BadInputError(
                f"{path}: found {path.suffix}; expected {', '.join(ENDINGS)}. Convert it to PNG."
            )
        if _is_picture(path):
            found.append(path.name)
    if not found:
        raise BadInputError(
            f"{folder}: found no pictures; expected some ({', '.join(ENDINGS)}). Put the label's "
            "pictures there, or take the folder away."
        )
    return found


def _shown(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if not is_hidden(path))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS or path.suffix.lower() in _UNREAD
