"""Training of tiny-clip: an open_clip model of pictures and captions of every kind."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from evalharness.tinyworld.captions import caption
from evalharness.tinyworld.scene import random_any
from evalharness.tinyworld.train.loop import Plan, best_device, fit, generator_for, whole
from evalharness.tinyworld.train.pools import (
    fields,
    make_pool,
    partly_said,
    roughen,
    to_tensor,
)
from evalharness.tinyworld.train.vocabulary import CONTEXT, build_tokenizer

PLAN = Plan(steps=1600, batch=128, learning_rate=1.5e-3, seed=23, average=0.995)
_POOL = 32_000
_KEEP = {"object": 0.9, "colour": 0.75, "aesthetic": 0.6, "background": 0.3, "count": 0.3}
_MAX_SCALE = float(np.log(100))


def model_config(words: int) -> dict[str, Any]:
    """The ``model_cfg`` of open_clip for a vocabulary of ``words`` tokens."""
    return {
        "embed_dim": 64,
        "vision_cfg": {
            "image_size": 64,
            "layers": [1, 2, 2, 1],
            "width": 16,
            "head_width": 64,
        },
        "text_cfg": {
            "context_length": CONTEXT,
            "vocab_size": words,
            "width": 64,
            "heads": 4,
            "layers": 3,
            "hf_tokenizer_name": "tiny-clip",
        },
    }


def contrast(images: Tensor, texts: Tensor, scale: Tensor, fits: Tensor) -> Tensor:
    """The contrastive loss; a caption that truly fits another picture is no negative for it.

    ``images`` and ``texts`` (n, d) are of unit length; ``fits[i, j]`` is true where caption j
    says nothing false about picture i.
    """
    own = torch.eye(len(images), dtype=torch.bool, device=images.device)
    logits = (scale * images @ texts.T).masked_fill(fits & ~own, -1e4)
    wanted = torch.arange(len(images), device=images.device)
    return (
        functional.cross_entropy(logits, wanted) + functional.cross_entropy(logits.T, wanted)
    ) / 2


def _fits(truths: Tensor, said: Tensor) -> Tensor:
    """(n, n): caption j (fields ``said[j]``, -1 where silent) agrees with picture i."""
    return ((said[None] == truths[:, None]) | (said[None] < 0)).all(2)


def save_clip(model: nn.Module, folder: Path) -> None:
    """Write the folder that open_clip reads as ``local-dir:FOLDER``, in fp16."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = build_tokenizer()
    tokenizer.save_pretrained(folder)
    half = [0.5, 0.5, 0.5]
    config = {
        "model_cfg": model_config(len(tokenizer)),
        "preprocess_cfg": {
            "mean": half,
            "std": half,
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    }
    (folder / "open_clip_config.json").write_text(json.dumps(config, indent=1) + "\n")
    state = {k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}
    save_file({k: v.contiguous() for k, v in state.items()}, folder / "open_clip_model.safetensors")


def train_clip(plan: Plan, work: Path, out: Path) -> None:
    """Learn to match pictures with captions that say more or less of what they show."""
    device = best_device()
    torch.manual_seed(plan.seed)
    pool = make_pool(_POOL, plan.seed, random_any, work / "clip-pool.npy")
    truths = torch.tensor([fields(scene) for scene in pool.scenes])
    tokenizer = build_tokenizer()
    model = open_clip.CLIP(**model_config(len(tokenizer))).to(device)

    def loss_at(step: int) -> Tensor:
        rng = np.random.default_rng([plan.seed, step])
        picks = rng.integers(0, _POOL, plan.batch)
        said = [partly_said(pool.scenes[pick], rng, _KEEP) for pick in picks]
        tokens = tokenizer(
            [caption(scene, rng) for scene in said],
            padding="max_length",
            truncation=True,
            max_length=CONTEXT,
            return_tensors="pt",
        ).input_ids
        fits = _fits(truths[torch.from_numpy(picks)], torch.tensor([fields(s) for s in said]))
        pictures = roughen(to_tensor(pool.pictures[picks], device), generator_for(plan.seed, step))
        with torch.no_grad():
            model.logit_scale.clamp_(max=_MAX_SCALE)
        images, texts, scale = model(pictures, tokens.to(device))
        return contrast(images, texts, scale, fits.to(device))

    save_clip(fit("tiny-clip", model, whole(loss_at), plan, work).cpu(), out)
