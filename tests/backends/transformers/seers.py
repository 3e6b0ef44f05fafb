"""Small random vision-language models that read otherwise than most, each in a folder."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    CLIPImageProcessor,
    Florence2Config,
    Florence2ForConditionalGeneration,
    Florence2Processor,
    GemmaConfig,
    PaliGemmaConfig,
    PaliGemmaForConditionalGeneration,
    PaliGemmaProcessor,
    PreTrainedTokenizerFast,
    SiglipImageProcessor,
    SiglipVisionConfig,
)

from tests.extractors import talkers


def paligemma(folder: Path) -> PaliGemmaForConditionalGeneration:
    """One whose processor writes a line's end after the words, all of which see each other."""
    torch.manual_seed(0)
    vocabulary, tokenizer = talkers.words("<image>", "\n")
    pictures = SiglipImageProcessor(size={"height": 32, "width": 32}, image_seq_length=4)
    PaliGemmaProcessor(pictures, tokenizer).save_pretrained(folder)
    small = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2}
    config = PaliGemmaConfig(
        vision_config=SiglipVisionConfig(
            num_attention_heads=2, image_size=32, patch_size=16, projection_dim=32, **small
        ),
        text_config=GemmaConfig(
            vocab_size=len(vocabulary) + 2,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=16,
            max_position_embeddings=256,
            initializer_range=0.5,
            **small,
        ),
        image_token_index=vocabulary["<image>"],
        vocab_size=len(vocabulary) + 2,
        projection_dim=32,
    )
    model = PaliGemmaForConditionalGeneration(config)
    model.save_pretrained(folder)
    return model


def florence(folder: Path) -> Florence2ForConditionalGeneration:
    """One that reads picture and words with one part, and writes with another."""
    torch.manual_seed(0)
    vocabulary, words = talkers.words("<image>")
    names = {f"{name}_token": getattr(words, f"{name}_token") for name in ("pad", "unk", "eos")}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words._tokenizer,
        bos_token="<s>",
        extra_special_tokens={"image_token": "<image>"},
        **names,
    )
    side = {"height": 32, "width": 32}
    pictures = CLIPImageProcessor(size=side, crop_size=side, image_seq_length=5)
    Florence2Processor(pictures, tokenizer).save_pretrained(folder)
    halves = {
        f"{part}_{what}": n
        for part in ("encoder", "decoder")
        for what, n in (("layers", 1), ("attention_heads", 2), ("ffn_dim", 32))
    }
    config = Florence2Config(
        vision_config={
            "depths": (1, 1),
            "patch_size": (7, 3),
            "patch_stride": (8, 2),
            "patch_padding": (3, 1),
            "patch_prenorm": (False, True),
            "embed_dim": (16, 32),
            "num_heads": (2, 2),
            "num_groups": (2, 2),
            "window_size": 2,
            "projection_dim": 32,
        },
        text_config={
            "model_type": "bart",
            "vocab_size": len(vocabulary),
            "d_model": 32,
            "max_position_embeddings": 128,
            "init_std": 0.5,
            "pad_token_id": 0,
            "bos_token_id": 2,
            "eos_token_id": 3,
            "decoder_start_token_id": 3,
            "forced_eos_token_id": None,
            **halves,
        },
        image_token_id=vocabulary["<image>"],
    )
    model = Florence2ForConditionalGeneration(config)
    model.save_pretrained(folder)
    return model
