"""The text encoder of tiny-base, first taught what captions say, then trained with the U-Net."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from evalharness.tinyworld.captions import caption
from evalharness.tinyworld.scene import (
    AESTHETICS,
    BACKGROUNDS,
    COLOURS,
    OBJECTS,
    Scene,
    random_single,
)
from evalharness.tinyworld.train.loop import Plan, best_device, fit, whole
from evalharness.tinyworld.train.pools import FIELDS, fields, partly_said
from evalharness.tinyworld.train.vocabulary import CONTEXT

PLAN = Plan(steps=200, batch=128, learning_rate=1e-3, seed=41)
WIDTH = 128
KEEP = {"object": 1.0, "colour": 1.0, "aesthetic": 0.7, "background": 0.25, "count": 0.2}
"""How often a training caption of tiny-base states each field."""

_SILENT = 1  # an extra class: the caption says nothing of the field
_HEADS = {
    "object": len(OBJECTS),
    "colour": len(COLOURS),
    "aesthetic": len(AESTHETICS),
    "background": len(BACKGROUNDS),
}


def new_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained CLIP text encoder of two layers for the small vocabulary."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=3 * WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def tokenise(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """Token numbers as the pipeline makes them: int64 (n, 24)."""
    encoded = tokenizer(
        captions, padding="max_length", truncation=True, max_length=CONTEXT, return_tensors="pt"
    )
    return torch.as_tensor(encoded.input_ids)


def say(scene: Scene, rng: np.random.Generator, keep: Mapping[str, float]) -> str:
    """A training caption of a single-object scene; ``keep`` as in :func:`partly_said`."""
    return caption(partly_said(scene, rng, keep), rng)


class _Reader(nn.Module):
    """The text encoder with a linear head per field, read at the last position."""

    def __init__(self, encoder: CLIPTextModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleDict({n: nn.Linear(WIDTH, k + _SILENT) for n, k in _HEADS.items()})

    def forward(self, tokens: Tensor) -> dict[str, Tensor]:
        states = self.encoder(tokens).last_hidden_state[:, CONTEXT // 2 + 4 :]
        return {name: head(states) for name, head in self.heads.items()}


def teach_reading(
    plan: Plan, encoder: CLIPTextModel, tokenizer: CLIPTokenizer, work: Path
) -> CLIPTextModel:
    """Learn to tell a caption's fields, so that the U-Net starts with words that mean something."""
    device = best_device()
    torch.manual_seed(plan.seed)
    reader = _Reader(encoder).to(device)

    def loss_at(step: int) -> Tensor:
        rng = np.random.default_rng([plan.seed, step])
        scenes = [partly_said(random_single(rng), rng, KEEP) for _ in range(plan.batch)]
        tokens = tokenise(tokenizer, [caption(scene, rng) for scene in scenes])
        said = torch.tensor([fields(scene) for scene in scenes], device=device)
        logits = reader(tokens.to(device))
        losses = []
        for name, classes in _HEADS.items():
            wanted = said[:, FIELDS.index(name)]
            wanted = torch.where(wanted < 0, classes, wanted)[:, None]
            seen = logits[name]
            losses.append(
                functional.cross_entropy(
                    seen.flatten(0, 1), wanted.expand(-1, seen.shape[1]).flatten()
                )
            )
        return torch.stack(losses).sum()

    taught = fit("text-encoder", reader, whole(loss_at), plan, work)
    assert isinstance(taught, _Reader)
    return taught.encoder
