"""Fixed pools of rendered pictures, and what is said about them while training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import (
    AESTHETICS,
    BACKGROUNDS,
    COLOURS,
    OBJECTS,
    RELATIONS,
    Scene,
    Thing,
)

FIELDS = (
    "object",
    "colour",
    "count",
    "relation",
    "other object",
    "other colour",
    "aesthetic",
    "background",
)
_VOCABULARY: tuple[tuple[object, ...], ...] = (
    OBJECTS,
    tuple(COLOURS),
    (1, 2, 3, 4),
    RELATIONS,
    OBJECTS,
    tuple(COLOURS),
    AESTHETICS,
    BACKGROUNDS,
)


@dataclass(frozen=True)
class Pool:
    """Pictures, uint8 (n, 64, 64, 3), and the scene that each shows."""

    pictures: NDArray[np.uint8]
    scenes: tuple[Scene, ...]


def fields(scene: Scene) -> list[int]:
    """A scene as indices in the order of ``FIELDS``; -1 for what is open."""
    other = scene.other or Thing()
    values = (
        scene.thing.object,
        scene.thing.colour,
        scene.count,
        scene.relation,
        other.object,
        other.colour,
        scene.aesthetic,
        scene.background,
    )
    return [
        -1 if value is None else words.index(value)
        for value, words in zip(values, _VOCABULARY, strict=True)
    ]


def make_pool(n: int, seed: int, draw: Callable[[np.random.Generator], Scene], cache: Path) -> Pool:
    """Draw ``n`` scenes and render them; the pictures are kept in ``cache`` for a resume."""
    pictures = np.zeros((n, 64, 64, 3), np.uint8)
    known = cache.exists()
    if known:
        pictures = np.load(cache)
    scenes = []
    for index in range(n):
        rng = np.random.default_rng([seed, index])
        scene = draw(rng)
        scenes.append(scene)
        if not known:
            pictures[index] = render(scene, rng)
    if not known:
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, pictures)
    return Pool(pictures, tuple(scenes))


def to_tensor(pictures: NDArray[np.uint8], device: torch.device) -> Tensor:
    """uint8 (n, h, w, 3) to float32 (n, 3, h, w) in -1..1."""
    planes = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))
    return torch.from_numpy(planes).to(device).float() / 127.5 - 1


def roughen(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Blur and noise of random strength, as a generator's artefacts: (n, 3, h, w) in -1..1."""

    def draw(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator).to(pictures.device)

    soft = functional.avg_pool2d(functional.pad(pictures, (1, 1, 1, 1), "replicate"), 3, 1)
    share = (draw(len(pictures), 1, 1, 1) * 1.6 - 0.6).clamp(0, 1)
    noise = torch.randn(pictures.shape, generator=generator).to(pictures.device)
    level = (draw(len(pictures), 1, 1, 1) * 0.24 - 0.08).clamp(min=0)
    gain = 1 + (draw(len(pictures), 1, 1, 1) - 0.5) * 0.2
    return ((pictures + share * (soft - pictures)) * gain + level * noise).clamp(-1, 1)


def partly_said(scene: Scene, rng: np.random.Generator, keep: Mapping[str, float]) -> Scene:
    """Open some fields of a scene, each kept with the probability given in ``keep``."""
    kept = {name for name, chance in keep.items() if rng.random() < chance}
    thing = Thing(
        scene.thing.object if "object" in kept else None,
        scene.thing.colour if "colour" in kept else None,
    )
    single = scene.count == 1 and ("count" not in kept or scene.relation is not None)
    return replace(
        scene,
        thing=thing,
        count=None if single else scene.count,
        aesthetic=scene.aesthetic if "aesthetic" in kept else None,
        background=scene.background if "background" in kept else None,
    )
