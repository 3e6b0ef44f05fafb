"""Training of tiny-base and, on the way, of tiny-undertrained: ordinary diffusers folders."""

import copy
from pathlib import Path
from typing import Any

import diffusers
import torch
from transformers import CLIPTokenizer

from evalharness.tinyworld.scene import random_single
from evalharness.tinyworld.train import autoencoder, flow, text
from evalharness.tinyworld.train.loop import Plan
from evalharness.tinyworld.train.pools import make_pool
from evalharness.tinyworld.train.vocabulary import build_tokenizer

PLAN = flow.PLAN
UNDERTRAINED_STEPS = 600
_POOL = 24_000
_POOL_SEED = 37


def save_pipeline(
    painter: flow.Painter, vae: autoencoder.Autoencoder, tokenizer: CLIPTokenizer, folder: Path
) -> None:
    """Write a folder for ``StableDiffusionPipeline.from_pretrained``, in fp16."""
    library: Any = diffusers  # not typed
    scheduler = library.DPMSolverMultistepScheduler(
        num_train_timesteps=1000,
        prediction_type="flow_prediction",
        use_flow_sigmas=True,
        flow_shift=1.0,
        final_sigmas_type="zero",
        steps_offset=1,  # without effect on flow sigmas; the pipeline warns of anything else
    )
    pipeline = library.StableDiffusionPipeline(
        vae=copy.deepcopy(vae),
        text_encoder=copy.deepcopy(painter.encoder),
        tokenizer=tokenizer,
        unet=copy.deepcopy(painter.unet),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to("cpu", torch.float16, silence_dtype_warnings=True)
    pipeline.save_pretrained(folder, safe_serialization=True)
    # transformers would load the encoder in the stored precision, unlike diffusers the rest
    config = folder / "text_encoder" / "config.json"
    config.write_text(config.read_text().replace('"float16"', '"float32"'))


def train_base(plan: Plan, work: Path, out: Path) -> None:
    """Autoencoder, then text encoder, then the flow; each goes on from its checkpoint."""
    pool = make_pool(_POOL, _POOL_SEED, random_single, work / "base-pool.npy")
    vae = autoencoder.train_autoencoder(autoencoder.PLAN, pool, work)
    latents = autoencoder.standardise(
        vae, autoencoder.encode_pool(vae, pool, work / "base-latents.npy")
    )
    tokenizer = build_tokenizer()
    encoder = text.teach_reading(text.PLAN, text.new_text_encoder(tokenizer), tokenizer, work)
    torch.manual_seed(plan.seed)
    painter = flow.Painter(encoder.requires_grad_(True), flow.new_unet())
    lessons = flow.Lessons(pool.scenes, latents, text.KEEP)
    averaged = flow.train_flow("tiny-base", plan, painter, tokenizer, lessons, work)
    save_pipeline(averaged, vae, tokenizer, out)
    early = work / f"tiny-base-{UNDERTRAINED_STEPS}.pt"
    averaged.load_state_dict(torch.load(early, weights_only=True, map_location="cpu"))
    save_pipeline(averaged, vae, tokenizer, out.with_name("tiny-undertrained"))
