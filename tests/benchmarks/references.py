"""A reference of 100,000 pictures: as much memory as one of a tenth of them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from tests.benchmarks.report import Figure
from tests.benchmarks.watched import Spent, spent

SMALL, LARGE = 10_000, 100_000
OUTPUTS = 512
SIDE = 64
METRIC = "fid[tiny-clip]"


def measure() -> list[Figure]:
    """`evalharness measure` against both, in whole processes."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rng = np.random.default_rng(0)
        _write(folder / "outputs", OUTPUTS, rng)
        small = _measured(folder, SMALL, rng)
        large = _measured(folder, LARGE, rng)
    grown = large.peak_bytes / small.peak_bytes
    return [
        Figure(
            f"peak memory with a reference folder of {LARGE:,} pictures ÷ with one of {SMALL:,}",
            "constant (≤ 1.1)",
            f"{grown:.2f}",
            grown <= 1.1,
            f"`evalharness measure {METRIC}`, {SIDE}² PNGs; largest process of each: "
            f"{large.peak_bytes / 2**20:.0f} and {small.peak_bytes / 2**20:.0f} MiB; "
            f"{large.wall_s:.0f} and {small.wall_s:.0f} s",
        )
    ]


def _measured(folder: Path, pictures: int, rng: np.random.Generator) -> Spent:
    reference = folder / f"reference-{pictures}"
    _write(reference, pictures, rng)
    asked = ["measure", METRIC, str(folder / "outputs"), "--reference", f"folder:{reference}"]
    return spent([sys.executable, "-m", "evalharness", *asked])


def _write(folder: Path, pictures: int, rng: np.random.Generator) -> None:
    folder.mkdir()
    for number in range(pictures):
        low = rng.integers(0, 256, (4, 4, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number:06}.png"), cv2.resize(low, (SIDE, SIDE)))
