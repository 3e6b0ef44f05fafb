"""Small random checkpoints of judging networks, in the layouts in which they are published."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import open_clip
import timm
import torch
from PIL import Image
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from evalharness.catalog import registry
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Pair, Picture

LONG = "a red cube on a wooden table beside seven little green glass bottles in the rain"
TINY = "tiny-judge"
"""An architecture that these tests add to open_clip's."""

TINY_CLIP = {
    "embed_dim": 16,
    "vision_cfg": {
        "image_size": 32,
        "layers": 1,
        "width": 32,
        "head_width": 16,
        "patch_size": 8,
    },
    "text_cfg": {
        "context_length": 12,
        "vocab_size": 49408,
        "width": 16,
        "heads": 2,
        "layers": 1,
    },
}


def picture(height: int, width: int, seed: int) -> np.ndarray:
    low = np.random.default_rng(seed).integers(0, 255, (4, 4, 3), np.uint8)
    return np.asarray(Image.fromarray(low).resize((width, height)))


def look(instrument: Instrument, subjects: list[Pair] | list[Picture]) -> list[FeatureValue]:
    """Through the registry and the real loading path."""
    entry = registry.extractor(instrument.extractor)
    implementation = registry.load(entry.implementation)
    with implementation(instrument, entry.resolve(instrument)) as extractor:
        return list(extractor.extract(subjects))


def scalars(values: list[FeatureValue]) -> np.ndarray:
    return np.array([value.scalar for value in values])


def tiny_open_clip(folder: Path) -> nn.Module:
    """A random model of the architecture `tiny-judge`, which open_clip knows from now on."""
    file = folder / f"{TINY}.json"
    file.write_text(json.dumps(TINY_CLIP))
    open_clip.add_model_config(file)
    torch.manual_seed(0)
    return open_clip.create_model(TINY).eval()


def clip_words(folder: Path) -> None:
    """CLIP's own vocabulary as transformers reads it."""
    own = open_clip.SimpleTokenizer()
    merges = [" ".join(pair) for pair in own.bpe_ranks]
    named = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
    words = {named.get(word, word): number for word, number in own.encoder.items()}
    (folder / "vocab.json").write_text(json.dumps(words))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n")
    told = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": 77,
        "pad_token": "<|endoftext|>",
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(told))


def transformers_clip(folder: Path) -> CLIPModel:
    """A random CLIP model with its processor, as PickScore is published."""
    folder.mkdir()
    torch.manual_seed(0)
    shared = {"num_hidden_layers": 1, "num_attention_heads": 2}
    model = CLIPModel(
        CLIPConfig(
            vision_config={
                "hidden_size": 32,
                "intermediate_size": 32,
                "image_size": 32,
                "patch_size": 8,
                **shared,
            },
            text_config={
                "hidden_size": 16,
                "intermediate_size": 16,
                "eos_token_id": 49407,
                **shared,
            },
            projection_dim=16,
        )
    ).eval()
    model.save_pretrained(folder)
    CLIPImageProcessor(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    ).save_pretrained(folder)
    clip_words(folder)
    return model


def head_state(width: int, prefix: str = "") -> dict[str, torch.Tensor]:
    """The weights of a five-layer head, named as LAION's and ImageReward's are."""
    torch.manual_seed(1)
    sizes = [width, 24, 12, 8, 4, 1]
    numbers = [0, 2, 4, 6, 7]  # dropout stands between the first ones
    state = {}
    for number, (before, after) in zip(numbers, pairwise(sizes), strict=True):
        layer = nn.Linear(before, after)
        state[f"{prefix}layers.{number}.weight"] = layer.weight.detach()
        state[f"{prefix}layers.{number}.bias"] = layer.bias.detach()
    return state


def bert_words(folder: Path) -> None:
    """A small vocabulary in BERT's layout."""
    folder.mkdir()
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "a",
        "red",
        "blue",
        "cube",
        "ball",
        "on",
        "the",
        "table",
    ]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    told = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(told))


def image_reward_parts() -> tuple[nn.Module, BertModel, dict[str, torch.Tensor]]:
    """timm's vision transformer and transformers' BERT, and ImageReward's names of their weights.

    Of both the published network is made; neither is what the extractor computes with.
    """
    torch.manual_seed(0)
    eyes = timm.models.VisionTransformer(
        img_size=32, patch_size=16, embed_dim=64, depth=2, num_heads=1, num_classes=0
    ).eval()
    config = BertConfig(
        vocab_size=15,
        hidden_size=64,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=1,
        max_position_embeddings=64,
        is_decoder=True,
        add_cross_attention=True,
        attn_implementation="eager",
    )
    reader = BertModel(config, add_pooling_layer=False).eval()
    reader.config.is_decoder = False  # words see the words after them too
    nn.init.zeros_(reader.embeddings.token_type_embeddings.weight)  # BLIP has none
    state = {f"blip.visual_encoder.{n}": v for n, v in eyes.state_dict().items()}
    state |= {f"blip.text_encoder.{n}": v for n, v in reader.state_dict().items()}
    state["blip.text_encoder.embeddings.position_ids"] = torch.arange(64)[None]
    state["blip.vision_proj.weight"] = torch.zeros(8, 64)
    return eyes, reader, state | head_state(64, "mlp.")


CHAT = (
    "{% for message in messages %}USER: {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image> {% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endfor %}{% if add_generation_prompt %} ASSISTANT:{% endif %}"
)
VQA_WORDS = (
    "<pad> <unk> <s> </s> <image> USER: ASSISTANT: Question: Answer: a is it red yes Yes No ?"
)


def tiny_llava(folder: Path, *, chat: bool = True, words: str = VQA_WORDS) -> None:
    """A random LLaVA with its processor, and with a chat template or without."""
    torch.manual_seed(0)
    vocabulary = {word: i for i, word in enumerate(words.split())}
    tokenizer = Tokenizer(WordLevel(vocabulary, "<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    whole = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, additional_special_tokens=["<image>"], **names
    )
    pictures = CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})
    LlavaProcessor(
        image_processor=pictures,
        tokenizer=whole,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT if chat else None,
    ).save_pretrained(folder)
    small = {
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }
    LlavaForConditionalGeneration(
        LlavaConfig(
            vision_config=CLIPVisionConfig(image_size=16, patch_size=8, **small),
            text_config=LlamaConfig(
                vocab_size=len(vocabulary), max_position_embeddings=64, **small
            ),
            image_token_index=vocabulary["<image>"],
        )
    ).save_pretrained(folder)
