"""Training of tiny-objects."""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from evalharness.tinyworld.object_detector import as_seen
from evalharness.tinyworld.object_network import (
    CELL,
    GRID,
    NOTHING,
    REACH,
    SIZE,
    ObjectNet,
    save_network,
)
from evalharness.tinyworld.renderer import Shown, render, render_shown
from evalharness.tinyworld.scene import COLOURS, OBJECTS, Scene, random_any
from evalharness.tinyworld.train.loop import Plan, best_device, fit, generator_for, whole
from evalharness.tinyworld.train.pools import roughen, to_tensor

PLAN = Plan(steps=900, batch=64, learning_rate=2e-3, seed=71, average=0.99)
_POOL = 12_000
_LETTERING = 0.04  # pictures without any object
_WEAK = 0.3  # pictures whose aesthetic is blended with a neutral picture
_MIDDLE, _BODY = 0.22, 0.4  # of a box's sides: cells this near its centre are its own / nobody's
_NEAREST = 0.75 * CELL  # so that every object has a cell
_UNTOLD = -1
_COLOURS = tuple(COLOURS)


@dataclass(frozen=True)
class _Lessons:
    """Pictures, uint8 (n, 64, 64, 3), and what each cell should say of them.

    ``objects`` and ``colours`` int64 (n, 16, 16) are classes, -1 where any answer is right;
    ``reach`` float32 (n, 4, 16, 16).
    """

    pictures: NDArray[np.uint8]
    objects: Tensor
    colours: Tensor
    reach: Tensor


def _example(seed: int, index: int) -> tuple[NDArray[np.uint8], tuple[Shown, ...]]:
    rng = np.random.default_rng([seed, index])
    strength = 1.0 if rng.random() >= _WEAK else rng.random()
    if rng.random() < _LETTERING:
        word = "".join(rng.choice(list(string.ascii_letters), int(rng.integers(2, 9))))
        return as_seen(render(Scene(lettering=word), rng, strength)), ()
    return render_shown(random_any(rng), rng, strength)


def cells(
    shown: Sequence[Shown],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """What the cells should say: objects and colours (16, 16), reach (4, 16, 16)."""
    objects = np.full((GRID, GRID), NOTHING, np.int64)
    colours = np.full((GRID, GRID), _UNTOLD, np.int64)
    reach = np.zeros((4, GRID, GRID), np.float32)
    y, x = (np.mgrid[0:GRID, 0:GRID] + 0.5) * CELL
    for one in shown:
        x0, y0, x1, y1 = one.box
        off_x, off_y = np.abs(x - (x0 + x1) / 2), np.abs(y - (y0 + y1) / 2)
        objects[(off_x <= _BODY * (x1 - x0)) & (off_y <= _BODY * (y1 - y0))] = _UNTOLD
        inner_x, inner_y = (max(_NEAREST, _MIDDLE * side) for side in (x1 - x0, y1 - y0))
        middle = (off_x <= inner_x) & (off_y <= inner_y)
        objects[middle] = OBJECTS.index(str(one.thing.object))
        colours[middle] = _COLOURS.index(str(one.thing.colour))
        distances = np.stack([x - x0, y - y0, x1 - x, y1 - y]) / REACH
        reach[:, middle] = distances[:, middle]
    return objects, colours, reach


def _lessons(n: int, seed: int) -> _Lessons:
    pictures = np.zeros((n, SIZE, SIZE, 3), np.uint8)
    told = []
    for index in range(n):
        pictures[index], shown = _example(seed, index)
        told.append(cells(shown))
    objects, colours, reach = (torch.from_numpy(np.stack(part)) for part in zip(*told, strict=True))
    return _Lessons(pictures, objects, colours, reach)


def _loss(seen: dict[str, Tensor], objects: Tensor, colours: Tensor, reach: Tensor) -> Tensor:
    each = functional.cross_entropy(seen["object"], objects, ignore_index=_UNTOLD, reduction="none")
    middle, nothing = colours != _UNTOLD, objects == NOTHING
    what = each[middle].mean() + 2 * each[nothing].mean()
    colour = functional.cross_entropy(seen["colour"], colours, ignore_index=_UNTOLD)
    where = (seen["reach"] - reach).abs().mean(1)[middle].mean()
    return what + colour + 2 * where


def train_objects(plan: Plan, work: Path, out: Path) -> None:
    """Learn to find the objects of renders of every kind, roughened like generated ones."""
    device = best_device()
    torch.manual_seed(plan.seed)
    lessons = _lessons(_POOL, plan.seed)
    net = ObjectNet().to(device)

    def loss_at(step: int) -> Tensor:
        picks = np.random.default_rng([plan.seed, step]).integers(0, _POOL, plan.batch)
        pictures = roughen(
            to_tensor(lessons.pictures[picks], device), generator_for(plan.seed, step)
        )
        told = (lessons.objects[picks], lessons.colours[picks], lessons.reach[picks])
        return _loss(net(pictures), *(part.to(device) for part in told))

    averaged = fit("tiny-objects", net, whole(loss_at), plan, work)
    assert isinstance(averaged, ObjectNet)
    save_network(averaged.cpu(), out)
