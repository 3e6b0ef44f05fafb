"""Reference pictures of a brief: kept in the store under their content, named in the address.

So a copied address gives the same answer to somebody else, and any picture of the store can be a
reference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evalharness.catalog.pictures import UnreadablePictureError, decode
from evalharness.ledger.artifacts import path_of, store_picture
from evalharness.ledger.store import Store

MOST = 50
"""More pictures add nothing to what can be told of a look."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Upload(Protocol):
    """A file as it came from a browser."""

    name: str

    def getvalue(self) -> bytes:
        """All of it."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of some uploads: digests of the pictures kept, and what was wrong with others."""

    pictures: tuple[str, ...]
    problems: tuple[str, ...]


def keep(store: Path, uploads: Sequence[Upload], before: Sequence[str]) -> Kept:
    """Keep what can be read of the uploads beside those kept `before`; a copy counts once.

    Raises StoreError where the store cannot be written.
    """
    opened = Store.open(store)
    pictures, problems = list(before), []
    for upload in uploads:
        if len(pictures) >= MOST:
            problems.append(f"{upload.name}: a brief has at most {MOST} references. Take some out.")
            continue
        try:
            pixels = decode(upload.getvalue(), upload.name)
        except UnreadablePictureError as error:
            problems.append(str(error))
            continue
        sha256 = store_picture(opened, pixels).sha256
        if sha256 not in pictures:
            pictures.append(sha256)
    return Kept(tuple(pictures), tuple(problems))


def named(address: str, store: Path) -> Kept:
    """The pictures that an address names, and what is wrong with the others."""
    opened = Store.open(store)
    pictures, problems = [], []
    for name in dict.fromkeys(filter(None, address.split(","))):
        if not _SHA256.fullmatch(name):
            problems.append(f"The address names a reference {name[:24]!a}: expected a sha256.")
        elif not path_of(opened, name).is_file():
            problems.append(f"The reference {name[:12]} is not in this store. Upload it again.")
        else:
            pictures.append(name)
    return Kept(tuple(pictures[:MOST]), tuple(problems))


def paths(store: Path, pictures: Sequence[str]) -> tuple[str, ...]:
    """Where kept pictures lie, as a brief names its references."""
    opened = Store.open(store)
    return tuple(str(path_of(opened, sha256)) for sha256 in pictures)
