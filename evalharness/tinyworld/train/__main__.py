"""``python -m evalharness.tinyworld.train [--out DIR] [--work DIR] [--only NAME] [--steps N]``."""

import argparse
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from evalharness.tinyworld.train import base, clip, finetune, objects, oracle
from evalharness.tinyworld.train.loop import Plan

Train = Callable[[Plan, Path, Path], None]

TRAININGS: dict[str, tuple[Train, Plan]] = {
    "tiny-oracle": (oracle.train_oracle, oracle.PLAN),
    "tiny-clip": (clip.train_clip, clip.PLAN),
    "tiny-base": (base.train_base, base.PLAN),
    "tiny-photo": (finetune.train_adapter, finetune.ADAPTER_PLAN),
    "tiny-illustration": (finetune.train_adapter, finetune.ADAPTER_PLAN),
    "tiny-watercolour": (finetune.train_adapter, finetune.ADAPTER_PLAN),
    "tiny-pixel": (finetune.train_whole, finetune.WHOLE_PLAN),
    "tiny-objects": (objects.train_objects, objects.PLAN),
}
"""tiny-undertrained is an early snapshot of tiny-base and comes from the same training."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evalharness.tinyworld.train")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "weights")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("tinyworld-train"),
        help="checkpoints and pools; a started training goes on from here",
    )
    parser.add_argument("--only", choices=[*TRAININGS], action="append")
    parser.add_argument("--steps", type=int, help="instead of the planned number")
    return parser.parse_args()


def main() -> None:
    """Train what was asked for, one network after the other."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    for name in arguments.only or TRAININGS:
        train, plan = TRAININGS[name]
        if arguments.steps is not None:
            plan = replace(plan, steps=arguments.steps)
        train(plan, arguments.work, arguments.out / name)


if __name__ == "__main__":
    main()
