"""``python -m evalharness.tinyworld.prompt_files [--out prompts]``: the prompts with pictures.

Every file of prompts that show pictures of the embedded world is made here, with the pictures.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from evalharness.catalog.importing import write_prompts
from evalharness.core.nouns import InputPicture, Prompt
from evalharness.tinyworld.editing.edits import drawn, edits
from evalharness.tinyworld.vision.questions import (
    Question,
    vision,
    vision_captions,
    vision_labels,
)


@dataclass(frozen=True, slots=True)
class Illustrated:
    """A prompt without its pictures, and these by their names: uint8 RGB (height, width, 3)."""

    prompt: Prompt
    pictures: tuple[tuple[str, NDArray[np.uint8]], ...]


@dataclass(frozen=True, slots=True)
class PromptFile:
    """What makes the prompts of a file, and the folder beside it that their pictures stand in."""

    pictures: str
    make: Callable[[], Iterator[Illustrated]]


def _asked(questions: Callable[[], Iterable[Question]]) -> Callable[[], Iterator[Illustrated]]:
    def make() -> Iterator[Illustrated]:
        for question in questions():
            shown = question.shown
            tags = {"category": question.category, "look": str(shown.scene.aesthetic)}
            prompt = Prompt(
                question.id, question.text, question.target, question.all_checks(), tags
            )
            yield Illustrated(prompt, ((shown.name, shown.pixels),))

    return make


def _edited() -> Iterator[Illustrated]:
    """Every picture to be edited and, where only a part is, the one that marks it in white."""
    for edit in edits():
        made = drawn(edit)
        tags = {"category": edit.category, "look": str(edit.after.aesthetic)}
        pictures = [(edit.picture, made.before)]
        if made.region is not None:
            marked = np.repeat(made.region[..., None], 3, axis=2).astype(np.uint8) * 255
            pictures.append((f"{edit.id}-region", marked))
        prompt = Prompt(edit.id, edit.text, checks=edit.checks(), tags=tags)
        yield Illustrated(prompt, tuple(pictures))


FILES = {
    "editing": PromptFile("editing", _edited),
    "vision": PromptFile("vision", _asked(vision)),
    "vision-captions": PromptFile("vision", _asked(vision_captions)),
    "vision-labels": PromptFile("vision", _asked(vision_labels)),
}


def write(folder: Path) -> None:
    """Write the prompts files, and every picture they show, into `folder`."""
    for name, file in FILES.items():
        place = folder / file.pictures
        place.mkdir(parents=True, exist_ok=True)
        made = tuple(file.make())
        for picture, pixels in dict(p for one in made for p in one.pictures).items():
            _save(place / f"{picture}.png", pixels)
        prompts = (
            replace(
                one.prompt,
                images=tuple(InputPicture("", str(place / f"{p}.png")) for p, _ in one.pictures),
            )
            for one in made
        )
        write_prompts(folder / f"{name}.jsonl", prompts, force=True)


def _save(path: Path, pixels: NDArray[np.uint8]) -> None:
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(path), bgr, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def main() -> None:
    """Make the files anew."""
    parser = argparse.ArgumentParser(prog="python -m evalharness.tinyworld.prompt_files")
    parser.add_argument("--out", type=Path, default=Path("prompts"))
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
