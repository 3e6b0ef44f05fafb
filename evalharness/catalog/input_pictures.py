"""The pictures that belong to prompts: found beside the prompts file, read when they are needed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalharness.catalog.digests import file_digests
from evalharness.catalog.documents import Document, Place
from evalharness.catalog.forms import PromptForm
from evalharness.catalog.pictures import decode
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import InputPicture, Prompt

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
"""Formats that models, browsers and this project read alike."""


def pictures_of(
    form: PromptForm, document: Document, folder: Path, place: Place = ()
) -> tuple[InputPicture, ...]:
    """A prompt's pictures, their paths from `folder`; their digests are still to be found.

    Raises BadInputError, naming the place in the document, for a path that is none of a picture.
    """
    pictures = []
    for index, written in enumerate(form.images):
        here = (*place, "images", index)
        path = folder / Path(written).expanduser()
        if path.suffix.lower() not in ENDINGS:
            raise document.problem(here, repr(written), f"a file that ends in {', '.join(ENDINGS)}")
        if not path.is_file():
            raise document.problem(here, f"{written!r}, but there is no {path}", "a picture file")
        pictures.append(InputPicture(sha256="", path=str(path)))
    return tuple(pictures)


def with_digests(prompts: Sequence[Prompt]) -> tuple[Prompt, ...]:
    """The prompts with their pictures' digests, all read at once; raises BadInputError."""
    paths = {picture.path: Path(picture.path) for p in prompts for picture in p.images}
    if not paths:
        return tuple(prompts)
    try:
        found = file_digests(paths.values())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInputError(f"{error.filename} cannot be read: {reason}.") from None
    return tuple(
        replace(
            prompt,
            images=tuple(replace(p, sha256=found[paths[p.path]]) for p in prompt.images),
        )
        for prompt in prompts
    )


def picture_bytes(picture: InputPicture) -> bytes:
    """The file's bytes; raises BadInputError where they are gone or are others than planned."""
    try:
        data = Path(picture.path).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInputError(f"The picture {picture.path} cannot be read: {reason}.") from None
    if hashlib.sha256(data).hexdigest() != picture.sha256:
        raise BadInputError(
            f"The picture {picture.path} is not the one that the prompt was planned with: its "
            "bytes changed since. Run again, so that the new picture is asked about."
        )
    return data


def picture_pixels(picture: InputPicture) -> NDArray[np.uint8]:
    """Its pixels, uint8 RGB (height, width, 3); raises BadInputError as `picture_bytes` does."""
    return decode(picture_bytes(picture), picture.path)
