"""Small random vision-language models of the architectures that instruments are of."""

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    LlamaConfig,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
)

WORDS = ["<pad>", "<unk>", "<s>", "</s>", "USER:", "ASSISTANT:", "a", "is", "it", "red"]
ANSWERS = ["yes", "Yes", "No", "?"]
SMALL = {"hidden_size": 32, "intermediate_size": 32}


def chat(picture: str) -> str:
    """A chat template that writes `picture` where the picture stands."""
    return (
        "{% for message in messages %}USER: {% for part in message['content'] %}"
        "{% if part['type'] == 'image' %}" + picture + " {% else %}{{ part['text'] }}{% endif %}"
        "{% endfor %}{% endfor %} ASSISTANT:"
    )


def words(*special: str) -> tuple[dict[str, int], PreTrainedTokenizerFast]:
    vocabulary = {word: i for i, word in enumerate([*WORDS, *ANSWERS, *special])}
    tokenizer = Tokenizer(WordLevel(vocabulary, "<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    return vocabulary, PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, additional_special_tokens=list(special), **names
    )


def qwen(folder: Path) -> None:
    """Qwen2.5-VL: pictures of any size become as many tokens as they need."""
    torch.manual_seed(0)
    start, end, place = "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"
    vocabulary, tokenizer = words(start, end, place, "<|video_pad|>")
    sizes = {"shortest_edge": 56 * 56, "longest_edge": 112 * 112}
    Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=sizes),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=chat(start + place + end),
    ).save_pretrained(folder)
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(vocabulary),
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "max_position_embeddings": 256,
            "bos_token_id": 2,
            "eos_token_id": 3,
            "rope_parameters": {
                "rope_type": "default",
                "mrope_section": [2, 3, 3],
                "rope_theta": 1e4,
            },
            **SMALL,
        },
        vision_config={
            "depth": 2,
            "num_heads": 2,
            "out_hidden_size": 32,
            "fullatt_block_indexes": [1],
            "window_size": 56,
            **SMALL,
        },
        image_token_id=vocabulary[place],
        video_token_id=vocabulary["<|video_pad|>"],
        vision_start_token_id=vocabulary[start],
        vision_end_token_id=vocabulary[end],
    )
    Qwen2_5_VLForConditionalGeneration(config).save_pretrained(folder)


def idefics(folder: Path) -> None:
    """Idefics3, which SmolVLM is: pictures are split into parts."""
    torch.manual_seed(0)
    vocabulary, tokenizer = words(
        "<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"
    )
    side = {"longest_edge": 32}
    Idefics3Processor(
        image_processor=Idefics3ImageProcessor(size=side, max_image_size=side),
        tokenizer=tokenizer,
        image_seq_len=4,
        chat_template=chat("<image>"),
    ).save_pretrained(folder)
    layers = {"num_hidden_layers": 2, "num_attention_heads": 2}
    config = Idefics3Config(
        image_token_id=vocabulary["<image>"],
        scale_factor=2,
        pad_token_id=0,
        text_config=LlamaConfig(
            vocab_size=len(vocabulary), max_position_embeddings=256, **SMALL, **layers
        ),
        vision_config={"image_size": 32, "patch_size": 8, **SMALL, **layers},
    )
    Idefics3ForConditionalGeneration(config).save_pretrained(folder)
