"""``python -m evalharness.tinyworld.vision [--out prompts]`` makes the files of three suites."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import cv2

from evalharness.catalog.importing import write_prompts
from evalharness.core.nouns import InputPicture, Prompt
from evalharness.tinyworld.vision.questions import (
    Question,
    vision,
    vision_captions,
    vision_labels,
)

FILES = {
    "vision": vision,
    "vision-captions": vision_captions,
    "vision-labels": vision_labels,
}
PICTURES = "vision"
"""The folder of the pictures, which all three files share, beside them."""


def prompts(questions: Iterable[Question], folder: Path) -> tuple[Prompt, ...]:
    """The questions as prompts whose pictures lie below `folder`; digests are still to be found."""
    return tuple(
        Prompt(
            id=question.id,
            text=question.text,
            target=question.target,
            checks=question.all_checks(),
            tags={"category": question.category, "look": str(question.shown.scene.aesthetic)},
            images=(InputPicture("", str(folder / PICTURES / f"{question.shown.name}.png")),),
        )
        for question in questions
    )


def write(folder: Path) -> None:
    """Write the prompts files, and every picture they show, into `folder`."""
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        questions = tuple(make())
        for shown in {question.shown.name: question.shown for question in questions}.values():
            path = folder / PICTURES / f"{shown.name}.png"
            cv2.imwrite(str(path), cv2.cvtColor(shown.pixels, cv2.COLOR_RGB2BGR), _SMALL)
        write_prompts(folder / f"{name}.jsonl", prompts(questions, folder), force=True)


_SMALL = [cv2.IMWRITE_PNG_COMPRESSION, 9]


def main() -> None:
    """Make the files anew."""
    parser = argparse.ArgumentParser(prog="python -m evalharness.tinyworld.vision")
    parser.add_argument("--out", type=Path, default=Path("prompts"))
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
