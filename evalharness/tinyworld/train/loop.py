"""One training loop for every network: seeded per step, resumable, with averaged weights."""

import copy
import logging
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
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


Part = Callable[[], Tensor]
"""Computes the loss of one share of a batch."""


def whole(loss_at: Callable[[int], Tensor]) -> Callable[[int], Sequence[Part]]:
    """A loss that is computed in one piece."""
    return lambda step: [lambda: loss_at(step)]


def _gradients(part: Part, trained: list[nn.Parameter]) -> tuple[float, tuple[Tensor, ...]]:
    loss = part()
    return float(loss.detach()), torch.autograd.grad(loss, trained, materialize_grads=True)


def _backward(parts: Sequence[Part], trained: list[nn.Parameter], pool: Executor) -> float:
    """Leave the mean gradient in the parameters and return the mean loss.

    The parts run in threads of their own: on a busy machine that is much faster than threads
    inside each operation, which wait for one another thousands of times a step.
    """
    done = list(pool.map(lambda part: _gradients(part, trained), parts))
    for index, parameter in enumerate(trained):
        parameter.grad = torch.stack([gradients[index] for _, gradients in done]).mean(0)
    return sum(loss for loss, _ in done) / len(done)


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


class _Training:
    """A training under way: the module, its average and the optimizer, in one checkpoint."""

    def __init__(self, module: nn.Module, plan: Plan, checkpoint: Path) -> None:
        self.averaged = copy.deepcopy(module).requires_grad_(False)
        self._module = module.train()
        self._plan = plan
        self._checkpoint = checkpoint
        self._trained = [p for p in module.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(
            self._trained, plan.learning_rate, plan.betas, weight_decay=plan.weight_decay
        )
        self._threads = ThreadPoolExecutor()

    def resume(self) -> int:
        """Load the checkpoint, if there is one; the number of steps already done."""
        if not self._checkpoint.exists():
            return 0
        state = torch.load(self._checkpoint, weights_only=True, map_location=best_device())
        self._module.load_state_dict(state["module"])
        self.averaged.load_state_dict(state["averaged"])
        self._optimizer.load_state_dict(state["optimizer"])
        return int(state["step"])

    def keep(self, step: int) -> None:
        state = {
            "step": step,
            "module": self._module.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        _save(state, self._checkpoint)

    def step(self, step: int, parts: Sequence[Part]) -> float:
        """Take one step; the loss before it."""
        for group in self._optimizer.param_groups:
            group["lr"] = _rate(self._plan, step)
        loss = _backward(parts, self._trained, self._threads)
        nn.utils.clip_grad_norm_(self._trained, 1.0)
        self._optimizer.step()
        _blend(self.averaged, self._module, min(self._plan.average, (step + 1) / (step + 10)))
        return loss


def fit(
    name: str,
    module: nn.Module,
    parts_at: Callable[[int], Sequence[Part]],
    plan: Plan,
    folder: Path,
) -> nn.Module:
    """Minimise the mean of ``parts_at(step)``; return the averaged copy, in eval mode.

    Goes on from ``folder/name.pt`` if that is there. The averaged weights of the plan's
    snapshots are left in ``folder/name-STEP.pt``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    training = _Training(module, plan, folder / f"{name}.pt")
    kept = logged = time.monotonic()
    losses: list[float] = []
    for step in range(training.resume(), plan.steps):
        losses.append(training.step(step, parts_at(step)))
        done, now = step + 1, time.monotonic()
        if len(losses) == _LOG_EVERY:
            loss, pace = sum(losses) / _LOG_EVERY, (now - logged) / _LOG_EVERY
            log.info("%s %d/%d loss %.4f %.2fs/step", name, done, plan.steps, loss, pace)
            logged = now
            losses.clear()
        if done in plan.snapshots:
            _save(training.averaged.state_dict(), folder / f"{name}-{done}.pt")
        if now - kept > _CHECKPOINT_SECONDS:
            training.keep(done)
            kept = now
    training.keep(plan.steps)
    return training.averaged.eval()
