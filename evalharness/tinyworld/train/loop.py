"""One training loop for every network: seeded per step, resumable, with averaged weights."""

import copy
import logging
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

log = logging.getLogger(__name__)

_CHECKPOINT_SECONDS = 120.0
_LOG_EVERY = 50


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train."""

    steps: int
    batch: int
    learning_rate: float
    seed: int
    warmup: int = 60
    average: float = 0.0  # decay of the averaged copy; 0 keeps the last weights
    snapshots: tuple[int, ...] = ()  # steps after which the averaged weights are kept too
    betas: tuple[float, float] = field(default=(0.9, 0.99))
    weight_decay: float = 0.01


def best_device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def generator_for(seed: int, step: int) -> torch.Generator:
    """Torch randomness that depends on seed and step alone, so that resuming changes nothing."""
    return torch.Generator().manual_seed(seed * 1_000_003 + step)


def _rate(plan: Plan, step: int) -> float:
    rise = min(1.0, (step + 1) / plan.warmup)
    fall = 0.5 * (1 + math.cos(math.pi * step / plan.steps))
    return plan.learning_rate * rise * (0.02 + 0.98 * fall)


def _save(state: object, path: Path) -> None:
    staged = path.with_suffix(".staged")
    torch.save(state, staged)
    staged.replace(path)


def _blend(averaged: nn.Module, module: nn.Module, decay: float) -> None:
    with torch.no_grad():
        mine, theirs = averaged.state_dict(), module.state_dict()
        for name, value in mine.items():
            if value.is_floating_point():
                value.lerp_(theirs[name], 1 - decay)
            else:
                value.copy_(theirs[name])


def fit(
    name: str,
    module: nn.Module,
    loss_at: Callable[[int], Tensor],
    plan: Plan,
    folder: Path,
    parameters: Iterable[nn.Parameter] | None = None,
) -> nn.Module:
    """Train ``module`` to minimise ``loss_at(step)``; return the averaged copy, in eval mode.

    Goes on from ``folder/name.pt`` if that is there. The averaged weights of the plan's
    snapshots are left in ``folder/name-STEP.pt``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f"{name}.pt"
    trained = list(parameters if parameters is not None else module.parameters())
    optimizer = torch.optim.AdamW(
        trained, lr=plan.learning_rate, betas=plan.betas, weight_decay=plan.weight_decay
    )
    averaged = copy.deepcopy(module).requires_grad_(False)
    start = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=best_device())
        start = int(state["step"])
        module.load_state_dict(state["module"])
        averaged.load_state_dict(state["averaged"])
        optimizer.load_state_dict(state["optimizer"])

    def keep(step: int) -> None:
        state = {
            "step": step,
            "module": module.state_dict(),
            "averaged": averaged.state_dict(),
            "optimizer": optimizer.state_dict(),
        }
        _save(state, checkpoint)

    module.train()
    kept, logged, running = time.monotonic(), time.monotonic(), 0.0
    for step in range(start, plan.steps):
        for group in optimizer.param_groups:
            group["lr"] = _rate(plan, step)
        loss = loss_at(step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        done = step + 1
        _blend(averaged, module, min(plan.average, done / (done + 9)))
        running += float(loss.detach())
        if done % _LOG_EVERY == 0:
            pace = (time.monotonic() - logged) / _LOG_EVERY
            log.info(
                "%s %d/%d loss %.4f %.2fs/step", name, done, plan.steps, running / _LOG_EVERY, pace
            )
            logged, running = time.monotonic(), 0.0
        if done in plan.snapshots:
            _save(averaged.state_dict(), folder / f"{name}-{done}.pt")
        if time.monotonic() - kept > _CHECKPOINT_SECONDS:
            keep(done)
            kept = time.monotonic()
    keep(plan.steps)
    return averaged.eval()
