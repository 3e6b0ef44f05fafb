"""Small random pipelines that look at pictures while they paint; each letter is a token."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLFlux2,
    AutoencoderKLQwenImage,
    DiffusionPipeline,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    QwenImageTransformer2DModel,
)
from tokenizers import pre_tokenizers
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2Tokenizer,
    Qwen2VLImageProcessor,
    Qwen2VLProcessor,
    Qwen2VLVideoProcessor,
    Qwen3Config,
    Qwen3ForCausalLM,
)

START, END, PLACE, VIDEO = "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", START, END, PLACE, VIDEO)
CHANNELS = 4
HALVINGS = 5
"""More than the real one's three: pictures are shown to it at a megapixel, which is much for two
cores, so that what is painted on is made smaller."""


def _words(**more: str) -> tuple[dict[str, int], Qwen2Tokenizer]:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {word: i for i, word in enumerate([*SPECIAL, *alphabet])}
    special = list(SPECIAL[1:])
    return vocabulary, Qwen2Tokenizer(
        vocab=vocabulary, merges=[], additional_special_tokens=special, **more
    )


def qwen_edit(kind: type[DiffusionPipeline], folder: Path) -> None:
    """Save one of this class, Qwen-Image-Edit or -Edit-Plus."""
    torch.manual_seed(0)
    vocabulary, tokenizer = _words()
    sizes = {"shortest_edge": 56 * 56, "longest_edge": 112 * 112}
    processor = Qwen2VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=sizes),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(),
    )
    vae = AutoencoderKLQwenImage(
        base_dim=4,
        z_dim=CHANNELS,
        dim_mult=[1] * (HALVINGS + 1),
        num_res_blocks=0,
        temperal_downsample=[False] * HALVINGS,
        latents_mean=[0.0] * CHANNELS,
        latents_std=[1.0] * CHANNELS,
    )
    transformer = QwenImageTransformer2DModel(
        patch_size=2,
        in_channels=4 * CHANNELS,
        out_channels=CHANNELS,
        num_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        axes_dims_rope=(4, 6, 6),
    )
    with torch.no_grad():
        for weights in transformer.parameters():
            weights.mul_(3)  # else the picture shown to it is lost in rounding
    encoder = Qwen2_5_VLForConditionalGeneration(_encoder(vocabulary))
    scheduler = FlowMatchEulerDiscreteScheduler()
    kind(scheduler, vae, encoder, tokenizer, processor, transformer).save_pretrained(folder)


def _encoder(vocabulary: dict[str, int]) -> Qwen2_5_VLConfig:
    small = {"hidden_size": 32, "intermediate_size": 32}
    turns = {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 1e4}
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(vocabulary),
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "max_position_embeddings": 2048,
            "rope_parameters": turns,
            "bos_token_id": 0,
            "eos_token_id": 0,
            **small,
        },
        vision_config={
            "depth": 1,
            "num_heads": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [0],
            "window_size": 56,
            **small,
        },
        image_token_id=vocabulary[PLACE],
        video_token_id=vocabulary[VIDEO],
        vision_start_token_id=vocabulary[START],
        vision_end_token_id=vocabulary[END],
    )


def flux2_klein(folder: Path) -> None:
    """Save one that reads words in three layers of its four."""
    torch.manual_seed(0)
    vocabulary, tokenizer = _words(
        chat_template="{% for message in messages %}{{ message['content'] }}{% endfor %}"
    )
    encoder = Qwen3Config(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=512,
        bos_token_id=0,
        eos_token_id=0,
    )
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 8),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
        norm_num_groups=4,
        layers_per_block=1,
        sample_size=32,
    )
    transformer = Flux2Transformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=48,
        timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4),
    )
    scheduler = FlowMatchEulerDiscreteScheduler()
    Flux2KleinPipeline(
        scheduler, vae, Qwen3ForCausalLM(encoder), tokenizer, transformer, is_distilled=True
    ).save_pretrained(folder)
