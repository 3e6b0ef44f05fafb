"""SigLIP-type models: towers of timm, tokenizers of transformers, 64 places, the last one read."""

import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Media, Picture, Text
from evalharness.extractors.open_clip import ENTRY
from evalharness.extractors.open_clip_model import OpenClipExtractor

ROOM = 64
WORDS = ["<pad>", "<eos>", "<unk>", "cat", "dog", "red"]
CONFIG = {
    "model_cfg": {
        "embed_dim": 64,
        "init_logit_bias": -10,
        "custom_text": True,
        "vision_cfg": {
            "image_size": 32,
            "timm_model_name": "test_vit",
            "timm_model_pretrained": False,
            "timm_pool": "map",
            "timm_proj": "none",
        },
        "text_cfg": {
            "context_length": ROOM,
            "vocab_size": len(WORDS),
            "hf_tokenizer_name": "timm/tiny-SigLIP2",
            "tokenizer_kwargs": {"clean": "canonicalize"},
            "width": 64,
            "heads": 2,
            "layers": 2,
            "no_causal_mask": True,
            "proj_bias": True,
            "pool_type": "last",
            "norm_kwargs": {"eps": 1e-06},
            "act_kwargs": {"approximate": "tanh"},
        },
    },
    "preprocess_cfg": {
        "mean": [0.5, 0.5, 0.5],
        "std": [0.5, 0.5, 0.5],
        "interpolation": "bicubic",
        "resize_mode": "squash",
    },
}


def write_tokenizer(folder: Path, *, end: bool) -> None:
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, "<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    if end:
        tokenizer.post_processor = TemplateProcessing(
            single="$A <eos>", special_tokens=[("<eos>", 1)]
        )
    names = {"pad_token": "<pad>", "eos_token": "<eos>", "unk_token": "<unk>"}
    whole = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=ROOM, **names)
    whole.save_pretrained(folder)


@pytest.fixture(params=[True, False], ids=["end token", "no end token"])
def siglip(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "siglip"
    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps(CONFIG))
    torch.manual_seed(0)
    config = json.loads(json.dumps(CONFIG["model_cfg"]))
    del config["custom_text"]
    model = open_clip.CustomTextCLIP(**config)
    for name, weight in model.named_parameters():
        if "text" in name and weight.dim() > 1:
            torch.nn.init.normal_(weight, std=0.3)
    state = {k: v.contiguous() for k, v in model.state_dict().items()}
    save_file(state, folder / "open_clip_model.safetensors")
    write_tokenizer(folder, end=request.param)
    return folder


def look(folder: Path, subjects: list[Media]) -> list[FeatureValue]:
    instrument = Instrument("siglip", "open_clip", str(folder))
    with OpenClipExtractor(instrument, ENTRY.resolve(instrument)) as extractor:
        return list(extractor.extract(subjects))


def test_both_towers_equal_open_clips_own(siglip: Path) -> None:
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{siglip}")
    rng = np.random.default_rng(0)
    sizes = [(32, 32), (1, 1), (90, 40)]
    pictures = [rng.integers(0, 255, (*size, 3), dtype=np.uint8) for size in sizes]
    texts = ["Red cat!", "a dog", "cat " * 100]
    tokens = open_clip.get_tokenizer(f"local-dir:{siglip}")(texts)
    with torch.no_grad():
        batch = torch.stack([transform(Image.fromarray(p)) for p in pictures])
        seen = model.eval().encode_image(batch, normalize=True).numpy()
        read = model.encode_text(tokens, normalize=True).numpy()
    found = [value.vector for value in look(siglip, [Picture(p) for p in pictures])]
    np.testing.assert_allclose(np.stack(found), seen, atol=1e-5)
    found = [value.vector for value in look(siglip, [Text(t) for t in texts])]
    np.testing.assert_allclose(np.stack(found), read, atol=1e-5)
    assert np.abs(found[0] - found[1]).max() > 1e-3


def test_long_texts_are_cut_at_the_end_and_told(siglip: Path) -> None:
    whole = json.loads((siglip / "tokenizer.json").read_text())
    end = "<eos>" in json.dumps(whole["post_processor"])
    room = ROOM - end
    fits, cut, other, huge = look(
        siglip,
        [
            Text("cat " * room),
            Text("cat " * room + "dog"),
            Text("cat " * (room - 1) + "dog"),
            Text("cat " * 2500),
        ],
    )
    assert fits.detail is None
    assert other.detail is None
    assert cut.detail == {"truncated": True, "tokens": ROOM + 1}
    assert huge.detail == {"truncated": True, "tokens": 2500 + end}
    # an end token is kept in its place, so that the last one read is the same
    np.testing.assert_allclose(cut.vector, fits.vector, atol=1e-5)
    np.testing.assert_allclose(huge.vector, fits.vector, atol=1e-5)
    assert np.abs(other.vector - fits.vector).max() > 1e-3


def test_weights_and_tokenizer_are_in_the_identity(siglip: Path) -> None:
    instrument = Instrument("siglip", "open_clip", str(siglip))
    before = ENTRY.resolve(instrument).revision
    path = siglip / "tokenizer.json"
    path.write_text(path.read_text().replace('"cat": 3', '"cow": 3'))
    assert ENTRY.resolve(instrument).revision != before
