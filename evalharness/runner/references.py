"""Reference pictures from a folder: `reference: folder:./photos` in a suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from evalharness.catalog.digests import folder_digest
from evalharness.core.contracts import ReferenceSource
from evalharness.core.errors import BadInputError
from evalharness.core.outcomes import Picture

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})


def _files(argument: str, base: Path) -> tuple[Path, list[str]]:
    folder = base / Path(argument).expanduser()
    if not folder.is_dir():
        raise BadInputError(f"The reference folder {folder} does not exist. Check the suite.")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    if not found:
        endings = ", ".join(sorted(ENDINGS))
        raise BadInputError(f"The reference folder {folder} holds no pictures ({endings}).")
    return folder, [path.relative_to(folder).as_posix() for path in found]


def _identity(argument: str, base: Path) -> str:
    return folder_digest(*_files(argument, base))


def _pictures(argument: str, base: Path) -> Iterator[Picture]:
    """Every picture in the order of its name, upright, as RGB."""
    folder, names = _files(argument, base)
    for name in names:
        try:
            with Image.open(folder / name) as picture:
                upright = ImageOps.exif_transpose(picture).convert("RGB")
        except (OSError, Image.DecompressionBombError) as error:
            raise BadInputError(
                f"The reference picture {folder / name} cannot be read ({error}). "
                "Repair it or take it out of the folder."
            ) from error
        yield Picture(np.asarray(upright, np.uint8))


FOLDER = ReferenceSource(name="folder", identity=_identity, pictures=_pictures)
