"""Painters whose look is known, suites for them, and references that show other things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from evalharness.core.nouns import Model, Prompt
from evalharness.tinyworld.captions import caption
from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import AESTHETICS, BACKGROUNDS, COLOURS, OBJECTS, Scene, Thing

SHOWN, HELD_OUT = OBJECTS[:4], OBJECTS[4:]
"""What prompts ask for, and what references show: nothing is on both sides."""

CLEAR = (1.0, 0.6, 0.2)
NEAR = (1.0, 0.96, 0.92)
"""Strengths of a look: far apart, and so near that 20 references cannot always tell."""

SUITES, PROMPTS = 12, 40
REFERENCES = 300

METRICS = ("peak_memory",)
"""A suite needs one; this takes no part in a choice, so that the look alone is what is known."""
WORDS = {
    "photograph": ("a photograph", "a photo of something"),
    "illustration": ("a flat illustration", "an illustration of something"),
    "watercolour": ("a watercolour painting", "a watercolour of something"),
    "pixel art": ("pixel art", "a pixel art picture of something"),
}

NETWORKS = {
    "photograph": "tiny-photo",
    "illustration": "tiny-illustration",
    "watercolour": "tiny-watercolour",
    "pixel art": "tiny-pixel",
    "": "tiny-base",
    "too little training": "tiny-undertrained",
}
"""The trained generator for each aesthetic, and two for none."""

Look = tuple[str, float]
"""An aesthetic and its strength."""


def looks(strengths: Iterable[float]) -> list[Look]:
    """Every aesthetic in each of these strengths."""
    return list(product(AESTHETICS, strengths))


def name_of(look: Look) -> str:
    """The painter that has this look."""
    aesthetic, strength = look
    return f"{aesthetic.replace(' ', '-')}-{strength:g}"


def painters() -> list[Model]:
    """One a look: 12 whose looks are far apart, and 8 more that are near the strongest."""
    every = dict.fromkeys([*looks(CLEAR), *looks(NEAR)])
    return [
        Model(name_of(look), "painter", "", options={"look": look[0], "strength": look[1]})
        for look in every
    ]


def suites() -> dict[str, list[Prompt]]:
    """Disjoint sets of prompts that leave the look open, and `all` of them in one."""
    prompts = _prompts()
    parts = {
        f"part-{place:02}": prompts[place * PROMPTS : (place + 1) * PROMPTS]
        for place in range(SUITES)
    }
    return parts | {"all": prompts}


def _prompts() -> list[Prompt]:
    rng = np.random.default_rng(3)
    scenes = [
        Scene(Thing(thing, colour), count, background=background)
        for thing, colour, count, background in product(
            SHOWN, COLOURS, (None, 1, 2, 3, 4), (None, *BACKGROUNDS)
        )
    ]
    texts = list(dict.fromkeys(text for scene in scenes for text in _said(scene, rng)))
    chosen = rng.choice(len(texts), SUITES * PROMPTS, replace=False)
    return [Prompt(f"p{place}", texts[i]) for place, i in enumerate(chosen)]


def _said(scene: Scene, rng: np.random.Generator) -> Sequence[str]:
    return [caption(scene, rng) for _ in range(4)]


def write_references(look: Look, folder: Path) -> Path:
    """A folder of pictures in one look that show what no prompt asks for."""
    made = folder / name_of(look)
    made.mkdir(parents=True)
    rng = np.random.default_rng([17, AESTHETICS.index(look[0]), round(100 * look[1])])
    for place in range(REFERENCES):
        thing = Thing(str(rng.choice(HELD_OUT)), str(rng.choice(list(COLOURS))))
        count = int(rng.integers(1, 5))
        scene = replace(Scene(thing, count), aesthetic=look[0])
        Image.fromarray(render(scene, rng, look[1])).save(made / f"{place:03}.png")
    return made
