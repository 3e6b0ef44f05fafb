"""Training of tiny-oracle."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from evalharness.tinyworld.oracle import HEADS, OracleNet, save_oracle
from evalharness.tinyworld.scene import random_single
from evalharness.tinyworld.train.loop import Plan, best_device, fit, generator_for, whole
from evalharness.tinyworld.train.pools import FIELDS, fields, make_pool, roughen, to_tensor

PLAN = Plan(steps=1600, batch=128, learning_rate=2e-3, seed=11, average=0.995)
_POOL = 20_000


def train_oracle(plan: Plan, work: Path, out: Path) -> None:
    """Learn object, colour and aesthetic of single renders, roughened like generated ones."""
    device = best_device()
    torch.manual_seed(plan.seed)
    pool = make_pool(_POOL, plan.seed, random_single, work / "oracle-pool.npy")
    truth = torch.tensor([fields(scene) for scene in pool.scenes], device=device)
    net = OracleNet().to(device)

    def loss_at(step: int) -> Tensor:
        picks = np.random.default_rng([plan.seed, step]).integers(0, _POOL, plan.batch)
        pictures = to_tensor(pool.pictures[picks], device)
        logits = net(roughen(pictures, generator_for(plan.seed, step)))
        wanted = truth[torch.from_numpy(picks).to(device)]
        losses = [
            functional.cross_entropy(logits[name], wanted[:, FIELDS.index(name)]) for name in HEADS
        ]
        return torch.stack(losses).sum()

    averaged = fit("tiny-oracle", net, whole(loss_at), plan, work)
    assert isinstance(averaged, OracleNet)
    save_oracle(averaged.cpu(), out)
