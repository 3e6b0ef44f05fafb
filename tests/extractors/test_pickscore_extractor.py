from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoImageProcessor, AutoTokenizer

from evalharness.core.errors import MissingWeightsError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Pair
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.extractors.judges import look, picture, scalars, transformers_clip


def tiny(folder: Path) -> Instrument:
    return Instrument("tiny", "pickscore", str(folder))


def test_scores_equal_transformers_own_logits(tmp_path: Path) -> None:
    model = transformers_clip(tmp_path / "clip")
    pictures = [picture(40, 64, 1), picture(32, 32, 2), picture(1, 1, 3)]
    texts = ["a red cube", "", "cat " * 75, "cat " * 76, "cat " * 2500]
    processor = AutoImageProcessor.from_pretrained(tmp_path / "clip", backend="pil")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "clip")
    ready = processor(images=[Image.fromarray(p) for p in pictures], return_tensors="pt")
    tokens = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    assert tokens.input_ids.shape == (5, 77)
    assert tokens.input_ids[4, -1] == tokenizer.eos_token_id
    with torch.no_grad():
        expected = model(**ready, **tokens).logits_per_image.numpy()
    found = look(tiny(tmp_path / "clip"), [Pair(p, t) for p in pictures for t in texts])
    np.testing.assert_allclose(scalars(found), expected.flatten(), atol=1e-5)
    assert np.ptp(expected) > 1e-2
    assert [value.detail for value in found[:5]] == [
        None,
        None,
        None,
        {"truncated": True, "tokens": 78},
        {"truncated": True, "tokens": 2502},
    ]
    # cut before the end token, so that a longer repetition of one word changes nothing
    assert found[2].scalar == pytest.approx(found[4].scalar, abs=1e-5)


def test_damaged_folders_are_said(tmp_path: Path) -> None:
    transformers_clip(tmp_path / "clip")
    file = tmp_path / "clip" / "model.safetensors"
    state = load_file(file)
    state["text_projection.weight"][:] = torch.nan
    save_file(state, file)
    with pytest.raises(UnreadableSubjectError, match="NaN or infinity for 1 of 1"):
        look(tiny(tmp_path / "clip"), [Pair(picture(8, 8, 0), "a cube")])
    del state["text_projection.weight"]
    save_file(state, file)
    with pytest.raises(MissingWeightsError, match="text_projection"):
        look(tiny(tmp_path / "clip"), [])
