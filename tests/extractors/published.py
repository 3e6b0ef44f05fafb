"""Small random checkpoints in the layouts that models are published in."""

from pathlib import Path
from typing import Any

import torch
from open_clip.transformer import QuickGELU, VisionTransformer
from safetensors.torch import save_file
from transformers import (
    BertConfig,
    BertTokenizer,
    CLIPTokenizer,
    Dinov2Config,
    Dinov2Model,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoImageProcessor,
    GroundingDinoProcessor,
    Owlv2Config,
    Owlv2ForObjectDetection,
    Owlv2ImageProcessor,
    Owlv2Processor,
    RTDetrImageProcessor,
    RTDetrResNetConfig,
    RTDetrV2Config,
    RTDetrV2ForObjectDetection,
    SwinConfig,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessor,
    YolosConfig,
    YolosForObjectDetection,
    YolosImageProcessor,
)
from transformers.utils import logging

LABELS = {0: "cat", 1: "dog", 2: "car"}
NAMED: dict[str, Any] = {"id2label": LABELS, "label2id": {v: k for k, v in LABELS.items()}}
SMALL_VIT: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "patch_size": 16,
}


def write_dinov2(folder: Path) -> Path:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return _saved(folder, _spread(Dinov2Model(Dinov2Config(image_size=70, **sizes))))


def write_classifier(folder: Path, **config: Any) -> Path:
    """ViT with the labels normal and nsfw, as published NSFW classifiers have."""
    torch.manual_seed(0)
    labels = {"id2label": {0: "normal", 1: "nsfw"}, "label2id": {"normal": 0, "nsfw": 1}}
    model = ViTForImageClassification(ViTConfig(image_size=32, **labels, **SMALL_VIT, **config))
    _spread(model)
    torch.nn.init.normal_(model.classifier.weight, std=0.5)
    return _saved(folder, model, ViTImageProcessor(size={"height": 32, "width": 32}))


def write_csd(path: Path) -> Path:
    """CSD's names over a ViT of 128 channels and 28 pixels."""
    torch.manual_seed(0)
    trunk = VisionTransformer(
        image_size=28, patch_size=14, width=128, layers=2, heads=2, mlp_ratio=4, act_layer=QuickGELU
    )
    own = {f"backbone.{k}": v for k, v in trunk.state_dict().items() if k != "proj"}
    for head in ("style", "content"):
        own[f"last_layer_{head}"] = torch.randn(128, 24)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(own, path)
    return path


def write_yolos(folder: Path) -> Path:
    torch.manual_seed(0)
    config = YolosConfig(image_size=[64, 64], num_detection_tokens=8, **SMALL_VIT, **NAMED)
    model = _spread(YolosForObjectDetection(config))
    return _saved(folder, model, YolosImageProcessor(size={"height": 64, "width": 64}))


def write_rtdetr(folder: Path) -> Path:
    torch.manual_seed(0)
    backbone = RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16, 16, 32],
        depths=[1, 1, 1, 1],
        out_features=["stage2", "stage3", "stage4"],
        layer_type="basic",
    )
    config = RTDetrV2Config(
        backbone_config=backbone,
        encoder_hidden_dim=16,
        encoder_in_channels=[16, 16, 32],
        encoder_ffn_dim=16,
        encoder_attention_heads=2,
        d_model=16,
        num_queries=10,
        decoder_in_channels=[16, 16, 16],
        decoder_ffn_dim=16,
        decoder_layers=2,
        decoder_attention_heads=2,
        decoder_n_points=2,
        num_denoising=0,
        **NAMED,
    )
    model = RTDetrV2ForObjectDetection(config)
    return _saved(folder, model, RTDetrImageProcessor(size={"height": 64, "width": 64}))


def write_owlv2(folder: Path) -> Path:
    """OWLv2 that reads letter by letter; token 0 is padding to it, so nothing else may be 0."""
    torch.manual_seed(0)
    letters = [chr(c) for c in range(97, 123)]
    vocabulary = ["!", "<|startoftext|>", "<|endoftext|>", *letters, *(f"{c}</w>" for c in letters)]
    tokenizer = CLIPTokenizer(
        vocab={word: i for i, word in enumerate(vocabulary)},
        merges=[],
        pad_token="!",
        model_max_length=16,
    )
    size = {k: v for k, v in SMALL_VIT.items() if k != "patch_size"}
    config = Owlv2Config(
        text_config={
            "vocab_size": len(vocabulary),
            "max_position_embeddings": 16,
            "pad_token_id": 0,
            "bos_token_id": 1,
            "eos_token_id": 2,
            **size,
        },
        vision_config={"image_size": 64, "patch_size": 16, **size},
        projection_dim=32,
    )
    processor = Owlv2Processor(Owlv2ImageProcessor(size={"height": 64, "width": 64}), tokenizer)
    return _saved(folder, _spread(Owlv2ForObjectDetection(config)), processor)


def write_grounding_dino(folder: Path) -> Path:
    torch.manual_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "cat", "dog", "red", "car", "##s"]
    backbone = SwinConfig(
        image_size=64,
        embed_dim=8,
        depths=[1, 1, 1, 1],
        num_heads=[1, 1, 2, 2],
        window_size=2,
        out_features=["stage2", "stage3", "stage4"],
    )
    text = BertConfig(vocab_size=len(words), max_position_embeddings=64, **SMALL_VIT)
    config = GroundingDinoConfig(
        backbone_config=backbone,
        text_config=text,
        num_queries=10,
        encoder_layers=1,
        encoder_ffn_dim=16,
        encoder_attention_heads=2,
        decoder_layers=2,
        decoder_ffn_dim=16,
        decoder_attention_heads=2,
        d_model=64,
        encoder_n_points=2,
        decoder_n_points=2,
        max_text_len=12,
    )
    processor = GroundingDinoProcessor(
        GroundingDinoImageProcessor(size={"shortest_edge": 64, "longest_edge": 96}),
        BertTokenizer(vocab={word: i for i, word in enumerate(words)}),
    )
    return _saved(folder, GroundingDinoForObjectDetection(config), processor)


def _spread(model: torch.nn.Module) -> torch.nn.Module:
    """Weights large enough that boxes and scores differ."""
    for weight in model.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.3)
    return model


def _saved(folder: Path, *parts: Any) -> Path:
    logging.disable_progress_bar()
    for part in parts:
        part.save_pretrained(folder)
    return folder
