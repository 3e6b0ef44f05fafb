"""ImageReward's BLIP in transformers' terms: its sizes and names, from the published state dict.

The published network is BLIP's reference code: timm's names for the picture's half, BERT's for the
text's half, which transformers kept. Sizes stand in the weights' shapes; a head of attention has
64 values in both halves, as in every BLIP.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import torch
from transformers import BlipTextConfig, BlipTextModel, BlipVisionConfig, BlipVisionModel

from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Instrument
from evalharness.extractors.checkpoint_file import State, fill

PICTURES, TEXTS = "blip.visual_encoder.", "blip.text_encoder."
HEAD_WIDTH = 64

_NAMES = (
    (r"cls_token", "embeddings.class_embedding"),
    (r"pos_embed", "embeddings.position_embedding"),
    (r"patch_embed\.proj\.(.+)", r"embeddings.patch_embedding.\1"),
    (r"norm\.(.+)", r"post_layernorm.\1"),
    (r"blocks\.(\d+)\.norm([12])\.(.+)", r"encoder.layers.\1.layer_norm\2.\3"),
    (r"blocks\.(\d+)\.attn\.qkv\.(.+)", r"encoder.layers.\1.self_attn.qkv.\2"),
    (r"blocks\.(\d+)\.attn\.proj\.(.+)", r"encoder.layers.\1.self_attn.projection.\2"),
    (r"blocks\.(\d+)\.mlp\.(.+)", r"encoder.layers.\1.mlp.\2"),
)
"""timm's names of a vision transformer's weights → transformers' BlipVisionModel's."""


def picture_half(state: Mapping[str, torch.Tensor], instrument: Instrument) -> Any:
    """The vision transformer (a BlipVisionModel); raises MissingWeightsError."""
    weights = {_renamed(name): value for name, value in _below(state, PICTURES).items()}
    patches = _there(weights, "embeddings.patch_embedding.weight", instrument)
    places = _there(weights, "embeddings.position_embedding", instrument)
    inner = _there(weights, "encoder.layers.0.mlp.fc1.weight", instrument)
    model: Any = BlipVisionModel(
        BlipVisionConfig(
            hidden_size=len(patches),
            intermediate_size=len(inner),
            num_hidden_layers=_layers(weights, r"encoder\.layers\.(\d+)\."),
            num_attention_heads=max(1, len(patches) // HEAD_WIDTH),
            patch_size=patches.shape[-1],
            image_size=round((places.shape[1] - 1) ** 0.5) * patches.shape[-1],
            layer_norm_eps=1e-6,
        )
    )
    fill(model, weights, instrument)
    return model.eval()


def text_half(state: Mapping[str, torch.Tensor], instrument: Instrument) -> Any:
    """BERT with cross attention to a picture in every layer (a BlipTextModel).

    Raises MissingWeightsError.
    """
    weights = _below(state, TEXTS)
    words = _there(weights, "embeddings.word_embeddings.weight", instrument)
    places = _there(weights, "embeddings.position_embeddings.weight", instrument)
    inner = _there(weights, "encoder.layer.0.intermediate.dense.weight", instrument)
    keys = _there(weights, "encoder.layer.0.crossattention.self.key.weight", instrument)
    model: Any = BlipTextModel(
        BlipTextConfig(
            vocab_size=len(words),
            hidden_size=words.shape[1],
            encoder_hidden_size=keys.shape[1],
            intermediate_size=len(inner),
            num_hidden_layers=_layers(weights, r"encoder\.layer\.(\d+)\."),
            num_attention_heads=max(1, words.shape[1] // HEAD_WIDTH),
            max_position_embeddings=len(places),
            is_decoder=True,  # in transformers this is what builds the cross attention
        ),
        add_pooling_layer=False,
    )
    fill(model, weights, instrument)
    return model.eval()


def _below(state: Mapping[str, torch.Tensor], prefix: str) -> State:
    return {n.removeprefix(prefix): value for n, value in state.items() if n.startswith(prefix)}


def _renamed(name: str) -> str:
    for pattern, own in _NAMES:
        found = re.fullmatch(pattern, name)
        if found:
            return found.expand(own)
    return name


def _layers(weights: Mapping[str, torch.Tensor], pattern: str) -> int:
    return 1 + max(int(found[1]) for name in weights if (found := re.match(pattern, name)))


def _there(weights: Mapping[str, torch.Tensor], name: str, instrument: Instrument) -> torch.Tensor:
    if name not in weights:
        raise MissingWeightsError(
            f"instrument {instrument.name!r}: {instrument.source} has no {name}; expected the "
            f"weights of ImageReward, named {PICTURES}… and {TEXTS}…. Get its file again."
        )
    return weights[name]
