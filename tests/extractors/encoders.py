"""Small random encoders of texts, in transformers' layout."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5EncoderModel,
)

WORDS = [
    "<pad>",
    "<unk>",
    "<s>",
    "</s>",
    "the",
    "a",
    "cat",
    "dog",
    "sat",
    "ran",
    "on",
    "under",
    "red",
]
WORDS += ["blue", "mat", "query", ":", "not", "is", "it"]
ROOM = 64
SMALL: dict[str, Any] = {
    "vocab_size": len(WORDS),
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}


def reader(lower: bool = False, room: int | None = ROOM) -> PreTrainedTokenizerFast:
    """One token a word, between <s> and </s>."""
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, "<unk>"))
    if lower:
        tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)]
    )
    names = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=room, **names)


def _saved(folder: Path, model: torch.nn.Module) -> Path:
    for weight in model.parameters():  # far apart, so that a wrong formula is seen
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)  # type: ignore[operator]
    reader().save_pretrained(folder)
    return folder


def bert(folder: Path, *, pooler: bool = True) -> Path:
    torch.manual_seed(0)
    config = BertConfig(max_position_embeddings=ROOM, pad_token_id=0, **SMALL)
    return _saved(folder, BertModel(config, add_pooling_layer=pooler))


def roberta(folder: Path) -> Path:
    """Its positions begin behind the padding's number: two of them are never used."""
    torch.manual_seed(0)
    config = RobertaConfig(max_position_embeddings=ROOM - 14, pad_token_id=1, **SMALL)
    return _saved(folder, RobertaModel(config, add_pooling_layer=False))


def t5(folder: Path) -> Path:
    """The reading half of a model that reads and writes."""
    torch.manual_seed(0)
    sizes = {"d_model": 32, "d_ff": 48, "d_kv": 16, "num_layers": 2, "num_heads": 2}
    return _saved(folder, T5EncoderModel(T5Config(vocab_size=len(WORDS), **sizes)))
