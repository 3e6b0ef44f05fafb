"""A store of four painters, each with a look of its own, and folders of pictures of those looks."""

from __future__ import annotations

from pathlib import Path

import cv2
import yaml

import evalharness
from evalharness.tinyworld.references import references
from evalharness.tinyworld.scene import AESTHETICS

PROMPTS = (
    "a red ball",
    "a blue fish",
    "a green tree",
    "an orange house",
    "a purple moon",
    "a pink heart",
    "a black ring",
    "a yellow star",
    "a red house",
    "a blue ball",
)


def write_models(folder: Path) -> str:
    models = [
        {"name": f"paints-{look.replace(' ', '-')}", "backend": "painter", "licence": licence,
         "options": {"look": look, "memory_bytes": 2**30 * (place + 1)}}
        for place, (look, licence) in enumerate(
            zip(AESTHETICS, ("MIT", "MIT", "CC-BY-NC-4.0", "MIT"), strict=True)
        )
    ]  # fmt: skip
    path = folder / "painters.yaml"
    path.write_text(yaml.safe_dump(models))
    return str(path)


def write_pictures(folder: Path, look: str, n: int = 6) -> Path:
    place = folder / look.replace(" ", "-")
    place.mkdir()
    for number, pixels in enumerate(references(n, 3, look)):
        cv2.imwrite(str(place / f"{number}.png"), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return place


def fill(folder: Path) -> Path:
    """The world in a folder: `store`, `mine.txt`, `painters.yaml`, and a folder for each look."""
    (folder / "mine.txt").write_text("\n".join(PROMPTS))
    evalharness.run(
        prompts=folder / "mine.txt", models=write_models(folder), metrics=["latency"],
        seeds=[0], store=folder / "store",
    )  # fmt: skip
    for look in AESTHETICS:
        write_pictures(folder, look)
    return folder
