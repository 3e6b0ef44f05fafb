"""The autoencoder of tiny-base: 64x64 pictures to 16x16x4 latents of unit variance and back."""

import math
from pathlib import Path
from typing import Any, TypeAlias

import diffusers
import numpy as np
import torch
from torch import Tensor

from evalharness.tinyworld.train.loop import Plan, best_device, fit, generator_for, whole
from evalharness.tinyworld.train.pools import Pool, to_tensor

Autoencoder: TypeAlias = Any
"""``diffusers.AutoencoderKL``, which is not typed."""

PLAN = Plan(steps=1200, batch=16, learning_rate=2e-3, seed=31, average=0.99)
LATENT_CHANNELS = 4
_KL_WEIGHT = 5e-4
_BATCH = 250


def new_autoencoder() -> Autoencoder:
    """An untrained autoencoder; its scaling factor is 1 because the scale is folded in."""
    build: Any = diffusers.AutoencoderKL
    return build(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 32, 64),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=8,
        sample_size=64,
        scaling_factor=1.0,
        mid_block_add_attention=False,
    )


def train_autoencoder(plan: Plan, pool: Pool, work: Path) -> Autoencoder:
    """Learn to rebuild the pictures of a pool, from latents that are nearly noise-free."""
    device = best_device()
    torch.manual_seed(plan.seed)
    model = new_autoencoder().to(device, memory_format=torch.channels_last)

    def loss_at(step: int) -> Tensor:
        picks = np.random.default_rng([plan.seed, step]).integers(0, len(pool.pictures), plan.batch)
        pictures = to_tensor(pool.pictures[picks], device)
        latents = model.encode(pictures).latent_dist
        noise = torch.randn(latents.mean.shape, generator=generator_for(plan.seed, step))
        rebuilt = model.decode(latents.mean + latents.std * noise.to(device)).sample
        error: Tensor = (rebuilt - pictures).abs().mean() + 2 * (rebuilt - pictures).square().mean()
        spread: Tensor = latents.kl().mean() / latents.mean[0].numel()
        return error + _KL_WEIGHT * spread

    return fit("autoencoder", model, whole(loss_at), plan, work)


@torch.no_grad()
def encode_pool(model: Autoencoder, pool: Pool, cache: Path) -> Tensor:
    """The latents of a pool, (n, channels, 16, 16), not yet of unit variance.

    They are kept in ``cache`` for a resume.
    """
    if cache.exists():
        return torch.from_numpy(np.load(cache))
    device = next(model.parameters()).device
    parts = [
        model.encode(to_tensor(pool.pictures[start : start + _BATCH], device)).latent_dist.mean
        for start in range(0, len(pool.pictures), _BATCH)
    ]
    latents = torch.cat(parts).cpu()
    np.save(cache, latents.numpy())
    return latents


@torch.no_grad()
def standardise(model: Autoencoder, latents: Tensor) -> Tensor:
    """Fold mean and deviation of each latent channel into the two 1x1 convolutions.

    Afterwards the model itself codes to mean 0 and deviation 1, which pipelines that know
    only one scaling factor need. Returns the latents so standardised.
    """
    model.cpu()
    mean, deviation = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    into, back = model.quant_conv, model.post_quant_conv
    assert into is not None and back is not None
    own = slice(0, LATENT_CHANNELS)
    spread = slice(LATENT_CHANNELS, None)
    into.bias[own] = (into.bias[own] - mean) / deviation
    into.weight[own] /= deviation[:, None, None, None]
    into.bias[spread] -= 2 * torch.log(deviation)
    back.bias += back.weight[:, :, 0, 0] @ mean
    back.weight *= deviation[None, :, None, None]
    standard = (latents - mean[:, None, None]) / deviation[:, None, None]
    assert math.isclose(float(standard.std()), 1.0, rel_tol=1e-2)
    return standard
