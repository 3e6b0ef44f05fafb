"""``python -m evalharness.tinyworld.editing [--out prompts]`` makes the files of the suite."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.catalog.importing import write_prompts
from evalharness.core.nouns import InputPicture, Prompt
from evalharness.tinyworld.editing.edits import Edit, drawn, edits

NAME = "editing"
"""Of the prompts file, and of the folder with its pictures beside it."""


def write(folder: Path) -> None:
    """Write the prompts file, and every picture it shows, into `folder`."""
    (folder / NAME).mkdir(parents=True, exist_ok=True)
    prompts = []
    for edit in edits():
        images = []
        for name, pixels in _pictures(edit):
            path = folder / NAME / f"{name}.png"
            cv2.imwrite(str(path), pixels[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
            images.append(InputPicture("", str(path)))
        tags = {"category": edit.category, "look": str(edit.after.aesthetic)}
        prompts.append(
            Prompt(edit.id, edit.text, checks=edit.checks(), tags=tags, images=tuple(images))
        )
    write_prompts(folder / f"{NAME}.jsonl", prompts, force=True)


def _pictures(edit: Edit) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """The picture to be edited and, where only a part of it is, the one that marks it in white."""
    made = drawn(edit)
    yield edit.picture, made.before
    if made.region is not None:
        yield f"{edit.id}-region", np.repeat(made.region[..., None], 3, 2).astype(np.uint8) * 255


def main() -> None:
    """Make the files anew."""
    parser = argparse.ArgumentParser(prog="python -m evalharness.tinyworld.editing")
    parser.add_argument("--out", type=Path, default=Path("prompts"))
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
