"""Fifty kills on painters and five on tiny-base: what the next run finds and redoes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml

from tests.benchmarks.kills import Kill, kills
from tests.benchmarks.report import Figure

PAINTER_BATCH = 16
TINY_BATCH = 16


def measure() -> list[Figure]:
    """Random moments over the whole of a run, the same on every machine's clock."""
    with tempfile.TemporaryDirectory() as folder:
        painters = kills(Path(folder), _painters(Path(folder)), rounds=50)
    with tempfile.TemporaryDirectory() as folder:
        tiny = kills(Path(folder), _tiny(Path(folder)), rounds=5)
    return [
        *_figures("50 × on three painters", painters, PAINTER_BATCH),
        *_figures("5 × on tiny-base", tiny, TINY_BATCH),
    ]


def _painters(folder: Path) -> list[str]:
    return [
        "tinyworld",
        "--limit",
        "12",
        "--models",
        "painter-careful,painter-watercolour,painter-hasty",
        "--metrics",
        "clip_score[fake],kid[fake],latency",
    ]


def _tiny(folder: Path) -> list[str]:
    model = folder / "tiny.yaml"
    model.write_text(
        yaml.safe_dump(
            {
                "name": "tiny-base",
                "backend": "diffusers",
                "source": "package:tinyworld/weights/tiny-base",
                "settings": {"steps": 15, "guidance": 2.0, "width": 64, "height": 64},
                "options": {"dtype": "float32"},
                "placement": {"batch_size": TINY_BATCH},
            }
        )
    )
    return [
        "tinyworld",
        "--limit",
        "48",
        "--models",
        str(model),
        "--metrics",
        "clip_score[tiny-clip],latency",
    ]


def _figures(what: str, found: list[Kill], batch: int) -> list[Figure]:
    differing = sum(bool(kill.differing) for kill in found)
    doubled = sum(kill.doubled for kill in found)
    orphans = sum(kill.orphans for kill in found)
    redone = max(kill.redone for kill in found)
    moments = ", ".join(f"{kill.after_s:.1f}" for kill in found[:5])
    how = f"killed after {moments} … s; then one `run`, compared with an uninterrupted store"
    return [
        Figure(
            f"`kill -9` {what}: stores that differ from an uninterrupted one",
            "0",
            str(differing),
            differing == 0,
            how,
        ),
        Figure(
            f"{what}: attempts doubled / processes orphaned",
            "0 / 0",
            f"{doubled} / {orphans}",
            doubled + orphans == 0,
            "all tables but times",
        ),
        Figure(
            f"{what}: most answers made again after a kill",
            f"≤ one batch ({batch})",
            str(redone),
            redone <= batch,
            "answers in the children's logs − durable attempts",
        ),
    ]
