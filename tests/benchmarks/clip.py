"""CLIP score beside torchmetrics' `CLIPScore`: one random ViT-B/32, in open_clip's layout and
in transformers'.

Both are shown the same decoded pictures in batches of one size, in one process, half by half in
turns. A cosine of random towers may be negative, where the two clamp differently; so both towers
are given one direction in common, as trained ones have.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torchmetrics.multimodal.clip_score import CLIPScore
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor, CLIPTokenizer

from evalharness.catalog import registry
from evalharness.catalog.suites import load_suite
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Picture, Text
from evalharness.metrics.clip_score import clip_score
from tests.benchmarks.report import Figure
from tests.extractors.judges import clip_words

PICTURES = int(os.environ.get("CLIP_PICTURES", "1000"))
SEEDS = 4
SUITES = ("core", "knowledge")
SIDE = 224
BATCH = 64
HALVES = 2
IN_COMMON = 30.0

Pictures = list[np.ndarray]
Contender = Callable[[Pictures, list[str]], float]

_CONFIG = {
    "model_cfg": {
        "embed_dim": 512,
        "quick_gelu": True,
        "vision_cfg": {"image_size": SIDE, "layers": 12, "width": 768, "patch_size": 32},
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 512,
            "heads": 8,
            "layers": 12,
        },
    },
    "preprocess_cfg": {
        "mean": [0.48145466, 0.4578275, 0.40821073],
        "std": [0.26862954, 0.26130258, 0.27577711],
        "interpolation": "bicubic",
        "resize_mode": "shortest",
    },
}


def measure() -> list[Figure]:
    """Seconds and values of both, over the same pictures and prompts."""
    with tempfile.TemporaryDirectory() as place:
        model = _model()
        ours, theirs = _written(model, Path(place))
        entry = registry.extractor("open_clip")
        instrument = Instrument(name="clip", extractor="open_clip", source=str(ours))
        with registry.load(entry.implementation)(instrument, entry.resolve(instrument)) as look:
            peer = _peer(model, theirs)
            contenders: dict[str, Contender] = {
                "ours": lambda pictures, texts: _ours(look, pictures, texts),
                "torchmetrics": lambda pictures, texts: _torchmetrics(peer, pictures, texts),
            }
            return _figures(*_race(contenders))


def _race(
    contenders: dict[str, Contender],
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """The mean score of each, and its seconds by the clock and of processors."""
    rng = np.random.default_rng(0)
    prompts = [prompt for suite in SUITES for prompt in load_suite(suite).prompts]
    texts = [prompt.text for prompt in prompts][: PICTURES // SEEDS]
    asked = [text for text in texts for _ in range(SEEDS)]
    pictures = list(rng.integers(0, 256, (len(asked), SIDE, SIDE, 3), np.uint8))
    sums, seconds = dict.fromkeys(contenders, 0.0), {name: np.zeros(2) for name in contenders}
    for run in contenders.values():  # the first batch of a process is no measure of the others
        run(pictures[:SEEDS], asked[:SEEDS])
    for half in range(HALVES):
        part = slice(half * len(asked) // HALVES, (half + 1) * len(asked) // HALVES)
        names = list(contenders)[:: -1 if half % 2 else 1]
        for name in names:
            before = np.array([time.perf_counter(), time.process_time()])
            score = contenders[name](pictures[part], asked[part])
            seconds[name] += np.array([time.perf_counter(), time.process_time()]) - before
            sums[name] += score * len(asked[part]) / len(asked)
    return sums, seconds


def _figures(mean: dict[str, float], seconds: dict[str, np.ndarray]) -> list[Figure]:
    wall, cpu = seconds["torchmetrics"] / seconds["ours"]
    told = "; ".join(f"{name} {w:.0f} s wall, {c:.0f} s CPU" for name, (w, c) in seconds.items())
    apart = abs(mean["ours"] - mean["torchmetrics"])
    assert apart <= 1e-3, mean
    return [
        Figure(
            f"CLIP score of {PICTURES:,} pictures of {SIDE}² of {PICTURES // SEEDS} prompts × "
            f"{SEEDS} seeds, same random ViT-B/32: torchmetrics' CLIPScore ÷ open_clip and "
            "clip_score",
            "≥ 2 ×",
            f"{cpu:.2f} × in CPU time, {wall:.2f} × in wall time",
            bool(cpu >= 2.0),
            f"`update` in batches of {BATCH} of decoded pictures, {torch.get_num_threads()} "
            f"threads, one process, {HALVES} halves in turns; load average "
            f"{os.getloadavg()[0]:.1f}, so CPU time decides; {told}",
        ),
        Figure(
            "the same: difference of the mean scores",
            "≤ 1e-3",
            f"{apart:.1e}",
            apart <= 1e-3,
            ", ".join(f"{name} {value:.5f}" for name, value in mean.items()),
        ),
    ]


def _ours(look: Any, pictures: Pictures, texts: list[str]) -> float:
    """As a run does it: every picture and every text is looked at once."""
    unique = list(dict.fromkeys(texts))
    of_text = dict(zip(unique, _vectors(look, [Text(t) for t in unique]), strict=True))
    of_picture = _vectors(look, [Picture(p) for p in pictures])
    return float(clip_score(of_picture, np.stack([of_text[text] for text in texts])).mean())


def _vectors(look: Any, subjects: list[Any]) -> np.ndarray:
    batches = (subjects[i : i + BATCH] for i in range(0, len(subjects), BATCH))
    return np.stack([value.vector for batch in batches for value in look.extract(batch)])


def _torchmetrics(metric: CLIPScore, pictures: Pictures, texts: list[str]) -> float:
    metric.reset()
    with torch.inference_mode():
        for i in range(0, len(texts), BATCH):
            batch = np.stack(pictures[i : i + BATCH])
            metric.update(torch.from_numpy(batch).permute(0, 3, 1, 2), texts[i : i + BATCH])
        return float(metric.compute())


def _peer(model: CLIPModel, folder: Path) -> CLIPScore:
    """torchmetrics' metric; its releases expect the tensors that older transformers gave."""
    pictures, texts = model.get_image_features, model.get_text_features
    processor = CLIPProcessor(CLIPImageProcessor(), CLIPTokenizer.from_pretrained(folder))
    adapted = SimpleNamespace(
        config=model.config,
        get_image_features=lambda ready: pictures(ready).pooler_output,
        get_text_features=lambda ids, mask: texts(ids, mask).pooler_output,
    )
    adapted.to = lambda _device: adapted
    return CLIPScore(lambda: (adapted, processor))


def _model() -> CLIPModel:
    torch.manual_seed(0)
    model = CLIPModel(
        CLIPConfig(text_config={"eos_token_id": 49407, "bos_token_id": 49406}, projection_dim=512)
    ).eval()
    direction = torch.nn.functional.normalize(torch.randn(512), dim=0) * IN_COMMON
    with torch.no_grad():
        for norm, projection in (
            (model.vision_model.post_layernorm, model.visual_projection),
            (model.text_model.final_layer_norm, model.text_projection),
        ):
            norm.bias.copy_(torch.linalg.lstsq(projection.weight, direction[:, None])[0][:, 0])
    return model


def _written(model: CLIPModel, folder: Path) -> tuple[Path, Path]:
    """A folder in open_clip's layout, and one with the words in transformers'."""
    ours, theirs = folder / "open_clip", folder / "transformers"
    for each in (ours, theirs):
        each.mkdir()
    (ours / "open_clip_config.json").write_text(json.dumps(_CONFIG))
    save_file(_converted(model.state_dict()), ours / "open_clip_model.safetensors")
    clip_words(theirs)
    return ours, theirs


_NAMES = {
    "vision_model.embeddings.class_embedding": "visual.class_embedding",
    "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
    "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "logit_scale": "logit_scale",
}
_PARTS = {
    "vision_model.pre_layrnorm.": "visual.ln_pre.",
    "vision_model.post_layernorm.": "visual.ln_post.",
    "text_model.final_layer_norm.": "ln_final.",
    "vision_model.encoder.layers.": "visual.transformer.resblocks.",
    "text_model.encoder.layers.": "transformer.resblocks.",
    ".self_attn.out_proj.": ".attn.out_proj.",
    ".layer_norm1.": ".ln_1.",
    ".layer_norm2.": ".ln_2.",
    ".mlp.fc1.": ".mlp.c_fc.",
    ".mlp.fc2.": ".mlp.c_proj.",
}


def _converted(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """transformers' names of the weights as open_clip's."""
    found = {
        "visual.proj": state["visual_projection.weight"].T,
        "text_projection": state["text_projection.weight"].T,
    }
    for name, value in state.items():
        if ".self_attn.q_proj." in name:
            thirds = [state[name.replace("q_proj", f"{letter}_proj")] for letter in "qkv"]
            found[_renamed(name.replace("self_attn.q_proj.", "attn.in_proj_"))] = torch.cat(thirds)
        elif not any(part in name for part in ("k_proj", "v_proj", "l_projection", "t_projection")):
            found[_NAMES.get(name) or _renamed(name)] = value
    return {name: value.contiguous() for name, value in found.items()}


def _renamed(name: str) -> str:
    for theirs, ours in _PARTS.items():
        name = name.replace(theirs, ours)
    return name
