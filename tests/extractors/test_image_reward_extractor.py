from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from torchvision.transforms import (
    CenterCrop,
    Compose,
    InterpolationMode,
    Normalize,
    Resize,
    ToTensor,
)
from transformers import AutoTokenizer

from evalharness.catalog.digests import file_digest
from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Pair
from evalharness.extractors.image_reward import ENTRY
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.extractors.judges import bert_words, image_reward_parts, look, picture, scalars

PREPARE = Compose(
    [
        Resize(32, interpolation=InterpolationMode.BICUBIC),
        CenterCrop(32),
        ToTensor(),
        Normalize((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    ]
)
PICTURES = [picture(40, 64, 1), picture(32, 32, 2), picture(1, 1, 3)]
TEXTS = ["a red cube", "", "Blue ball on the table", "ball " * 33, "ball " * 2500]


@pytest.fixture
def words(tmp_path: Path) -> Path:
    bert_words(tmp_path / "bert")
    return tmp_path / "bert"


def tiny(source: Path, words: Path, **fields: object) -> Instrument:
    return Instrument(
        "tiny", "image_reward", str(source), options={"tokenizer": str(words)}, **fields
    )


def expected(pixels: np.ndarray, text: str, words: Path) -> float:
    """The published computation, with timm and BERT."""
    eyes, reader, state = image_reward_parts()
    tokens = AutoTokenizer.from_pretrained(words)(
        text, padding="max_length", truncation=True, max_length=35, return_tensors="pt"
    )
    with torch.no_grad():
        seen = eyes.forward_features(PREPARE(Image.fromarray(pixels))[None])
        value = reader(
            input_ids=tokens.input_ids,
            attention_mask=tokens.attention_mask,
            encoder_hidden_states=seen,
            encoder_attention_mask=torch.ones(seen.shape[:2]),
        ).last_hidden_state[:, 0]
        for number in (0, 2, 4, 6, 7):
            value = nn.functional.linear(
                value, state[f"mlp.layers.{number}.weight"], state[f"mlp.layers.{number}.bias"]
            )
    return (value.item() - 0.16717362830052426) / 1.0333394966054072


def test_rewards_equal_the_published_computation(tmp_path: Path, words: Path) -> None:
    file = tmp_path / "ImageReward.pt"
    torch.save(image_reward_parts()[2], file)
    asked = [(p, t) for p in PICTURES for t in TEXTS]
    pinned = tiny(file, words, sha256=file_digest(file))
    found = look(pinned, [Pair(p, t) for p, t in asked])
    np.testing.assert_allclose(scalars(found), [expected(p, t, words) for p, t in asked], atol=2e-5)
    assert np.ptp(scalars(found)) > 1e-3
    assert [value.detail for value in found[:5]] == [
        None,
        None,
        None,
        None,
        {"truncated": True, "tokens": 2502},
    ]
    # cut before the end token: 33 words are all that fit
    assert found[3].scalar == pytest.approx(found[4].scalar, abs=1e-6)


def test_its_identity_is_that_of_network_and_words(tmp_path: Path, words: Path) -> None:
    file = tmp_path / "reward.safetensors"
    save_file({n: v.contiguous() for n, v in image_reward_parts()[2].items()}, file)
    before = ENTRY.resolve(tiny(file, words)).revision
    with (words / "vocab.txt").open("a") as more:
        more.write("green\n")
    assert ENTRY.resolve(tiny(file, words)).revision != before


def test_other_weights_are_refused(tmp_path: Path, words: Path) -> None:
    file, state = tmp_path / "reward.safetensors", image_reward_parts()[2]
    for lacking, message in (
        ("blip.visual_encoder.pos_embed", "position_embedding"),
        ("blip.visual_encoder.blocks.1.attn.qkv.weight", "lacks 1 of"),
        ("blip.text_encoder.encoder.layer.0.crossattention.self.key.weight", "crossattention"),
        ("mlp.layers.7.bias", "lacks 'layers.7.bias'"),
    ):
        save_file({n: v.contiguous() for n, v in state.items() if n != lacking}, file)
        with pytest.raises(MissingWeightsError, match=message):
            look(tiny(file, words), [])
    with pytest.raises(BadInputError, match=r"Get ImageReward\.pt"):
        ENTRY.resolve(Instrument("x", "image_reward"))


def test_weights_that_give_nan_are_refused(tmp_path: Path, words: Path) -> None:
    file, state = tmp_path / "reward.safetensors", image_reward_parts()[2]
    state["mlp.layers.0.bias"] = torch.full_like(state["mlp.layers.0.bias"], torch.nan)
    save_file({n: v.contiguous() for n, v in state.items()}, file)
    with pytest.raises(UnreadableSubjectError, match="NaN or infinity for 1 of 1"):
        look(tiny(file, words), [Pair(PICTURES[0], "a cube")])
