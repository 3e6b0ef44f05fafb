"""The U-Net of tiny-base: rectified flow from noise to latents, guided by captions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from evalharness.tinyworld.scene import Scene
from evalharness.tinyworld.train.autoencoder import LATENT_CHANNELS
from evalharness.tinyworld.train.loop import Part, Plan, best_device, fit, generator_for
from evalharness.tinyworld.train.text import WIDTH, say, tokenise

PLAN = Plan(
    steps=4000,
    batch=40,
    learning_rate=1e-3,
    seed=53,
    average=0.997,
    snapshots=(400, 600, 800, 1000, 1300, 1600, 2000, 3000),
)
TIME_SCALE = 1000.0  # the pipeline's timestep at pure noise
_PARTS = 2  # of a batch, computed side by side
_SILENCE = 0.1  # captions dropped, for classifier-free guidance


def new_unet() -> nn.Module:
    """An untrained U-Net with attention at 8x8 only: at 16x16 it would double the time."""
    build: Any = diffusers.UNet2DConditionModel
    unet: nn.Module = build(
        sample_size=16,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=(48, 112),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=4,  # diffusers reads this as the number of heads
        norm_num_groups=16,
    )
    return unet


class Painter(nn.Module):
    """What is trained together: text encoder and U-Net."""

    def __init__(self, encoder: CLIPTextModel, unet: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.unet = unet

    def forward(self, noisy: Tensor, time: Tensor, tokens: Tensor) -> Tensor:
        """Velocity (n, 4, 16, 16) of noisy latents at times (n,) in 0..1."""
        words = self.encoder(tokens).last_hidden_state
        velocity: Tensor = self.unet(noisy, time * TIME_SCALE, encoder_hidden_states=words).sample
        return velocity


def _loss(painter: Painter, data: Tensor, noise: Tensor, time: Tensor, tokens: Tensor) -> Tensor:
    mix = time[:, None, None, None]
    guess = painter((1 - mix) * data + mix * noise, time, tokens)
    error: Tensor = (guess - (noise - data)).square().mean()
    return error


@dataclass(frozen=True)
class Lessons:
    """What a painter learns from: scenes, their latents, and how much captions say of them."""

    scenes: Sequence[Scene]
    latents: Tensor
    keep: Mapping[str, float]


def train_flow(
    name: str,
    plan: Plan,
    painter: Painter,
    tokenizer: CLIPTokenizer,
    lessons: Lessons,
    work: Path,
) -> Painter:
    """Learn the velocity from data to noise: x_t = (1 - t) x + t e, v = e - x.

    What requires no gradient stays as it is.
    """
    device = best_device()
    painter.to(device)
    latents = lessons.latents.to(device)

    def parts_at(step: int) -> list[Part]:
        rng = np.random.default_rng([plan.seed, step])
        generator = generator_for(plan.seed, step)
        picks = rng.integers(0, len(latents), plan.batch)
        captions = [
            "" if rng.random() < _SILENCE else say(lessons.scenes[pick], rng, lessons.keep)
            for pick in picks
        ]
        tokens = tokenise(tokenizer, captions).to(device)
        data = latents[torch.from_numpy(picks).to(device)]
        noise = torch.randn(data.shape, generator=generator).to(device)
        time = torch.sigmoid(torch.randn(plan.batch, generator=generator) + 0.2).to(device)
        shares = torch.arange(plan.batch, device=device).chunk(_PARTS)
        return [partial(_loss, painter, data[s], noise[s], time[s], tokens[s]) for s in shares]

    averaged = fit(name, painter, parts_at, plan, work)
    assert isinstance(averaged, Painter)
    return averaged
