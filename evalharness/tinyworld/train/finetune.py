"""Fine-tunes of tiny-base to one aesthetic: LoRA adapters, or a whole folder.

Only the U-Net learns, from renders in one aesthetic whose captions seldom name it. So a caption
without style words gets that look, and the frozen text encoder still knows the words for others.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers.utils import state_dict_utils
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict

from evalharness.tinyworld.scene import Scene, random_single
from evalharness.tinyworld.train import autoencoder, flow, text
from evalharness.tinyworld.train.base import save_pipeline
from evalharness.tinyworld.train.loop import Plan
from evalharness.tinyworld.train.pools import make_pool
from evalharness.tinyworld.train.vocabulary import build_tokenizer
from evalharness.tinyworld.weights import FINE_TUNES, weights_folder

ADAPTER_PLAN = Plan(steps=300, batch=32, learning_rate=2e-3, seed=61, warmup=20, average=0.97)
WHOLE_PLAN = Plan(steps=300, batch=32, learning_rate=2e-4, seed=67, warmup=20, average=0.97)
_POOL = 3000
_KEEP = text.KEEP | {"aesthetic": 0.1}
_RANK = 8
_ADAPTED = ("to_q", "to_k", "to_v", "to_out.0")


def _draw(aesthetic: str) -> Callable[[np.random.Generator], Scene]:
    return lambda rng: replace(random_single(rng), aesthetic=aesthetic)


def _load_base() -> Any:
    """tiny-base as it ships, in fp32, its parts frozen."""
    library: Any = diffusers  # not typed
    pipeline = library.StableDiffusionPipeline.from_pretrained(weights_folder("tiny-base"))
    for part in (pipeline.vae, pipeline.text_encoder, pipeline.unet):
        part.requires_grad_(False)
    return pipeline


def _fine_tune(name: str, pipeline: Any, plan: Plan, work: Path) -> flow.Painter:
    """Train what of the U-Net requires gradients; ``name`` says which aesthetic to."""
    pool = make_pool(_POOL, plan.seed, _draw(FINE_TUNES[name]), work / f"{name}-pool.npy")
    latents = autoencoder.encode_pool(pipeline.vae, pool, work / f"{name}-latents.npy")
    painter = flow.Painter(pipeline.text_encoder, pipeline.unet)
    lessons = flow.Lessons(pool.scenes, latents, _KEEP)
    return flow.train_flow(name, plan, painter, pipeline.tokenizer, lessons, work)


def train_adapter(plan: Plan, work: Path, out: Path) -> None:
    """Train a LoRA adapter of the U-Net's attention, saved as diffusers reads it, in fp16."""
    pipeline = _load_base()
    torch.manual_seed(plan.seed)
    pipeline.unet.add_adapter(LoraConfig(r=_RANK, lora_alpha=_RANK, target_modules=list(_ADAPTED)))
    painter = _fine_tune(out.name, pipeline, plan, work)
    naming: Any = state_dict_utils  # not typed
    layers = naming.convert_state_dict_to_diffusers(get_peft_model_state_dict(painter.unet))
    pipeline.save_lora_weights(out, {name: value.cpu().half() for name, value in layers.items()})


def train_whole(plan: Plan, work: Path, out: Path) -> None:
    """Train the whole U-Net, saved with tiny-base's other parts as a folder of its own."""
    pipeline = _load_base()
    pipeline.unet.requires_grad_(True)
    painter = _fine_tune(out.name, pipeline, plan, work)
    # built anew, because what was loaded remembers the folder that it came from
    unet, vae = flow.new_unet(), autoencoder.new_autoencoder()
    unet.load_state_dict(painter.unet.state_dict())
    vae.load_state_dict(pipeline.vae.state_dict())
    save_pipeline(flow.Painter(painter.encoder, unet), vae, build_tokenizer(), out)
