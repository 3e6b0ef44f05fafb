from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.transforms import Normalize
from torchvision.transforms import functional as tv

from evalharness.catalog.digests import file_digest
from evalharness.core.errors import BadInputError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Pair, Picture, Text
from evalharness.extractors.hps import ENTRY
from evalharness.extractors.hps_network import prepared
from evalharness.extractors.subjects import UnreadableSubjectError, apart
from tests.extractors.judges import LONG, TINY, look, picture, scalars, tiny_open_clip

MEAN, STD = open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    state = tiny_open_clip(tmp_path).state_dict()
    file = tmp_path / "hps.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, file)
    return file


def tiny(source: Path, **fields: object) -> Instrument:
    return Instrument("tiny", "hps", str(source), options={"architecture": TINY}, **fields)


def as_published(pixels: np.ndarray, side: int = 32) -> torch.Tensor:
    """The published transform with torchvision's functions: a tensor, resized, padded, centred."""
    tensor = tv.to_tensor(Image.fromarray(pixels))
    height, width = tensor.shape[1:]
    scale = side / max(height, width)
    if scale != 1.0:
        size = [round(height * scale), round(width * scale)]
        tensor = tv.resize(tensor, size, tv.InterpolationMode.BICUBIC)
    high, wide = side - tensor.shape[1], side - tensor.shape[2]
    tensor = tv.pad(tensor, [wide // 2, high // 2, wide - wide // 2, high - high // 2])
    return Normalize(MEAN, STD)(tensor)


@pytest.mark.parametrize("size", [(32, 32), (90, 33), (20, 57), (16, 16), (32, 11), (64, 3)])
def test_pictures_are_prepared_as_published(size: tuple[int, int]) -> None:
    pixels = picture(*size, seed=3)
    np.testing.assert_allclose(prepared(pixels, 32), as_published(pixels), atol=2e-6)


def test_what_is_not_picture_is_black() -> None:
    ready = prepared(np.full((16, 64, 3), 255, np.uint8), 32)
    black = -torch.tensor(MEAN) / torch.tensor(STD)
    np.testing.assert_allclose(ready[:, 0, 0], black, atol=1e-6)
    np.testing.assert_allclose(ready[:, 31, 31], black, atol=1e-6)
    assert (ready[:, 16, 16] > 1).all()
    assert prepared(np.zeros((1000, 1, 3), np.uint8), 32).shape == (3, 32, 32)


def test_scores_are_a_hundred_times_open_clips_own_cosine(weights: Path, tmp_path: Path) -> None:
    pictures = [picture(40, 64, 1), picture(32, 32, 2), picture(1, 1, 3)]
    texts = ["a red cube", "", LONG, "x" * 10_000]
    model = tiny_open_clip(tmp_path)
    with torch.no_grad():
        seen = model.encode_image(torch.stack([as_published(p) for p in pictures]), normalize=True)
        read = model.encode_text(open_clip.get_tokenizer(TINY)(texts), normalize=True)
    found = look(tiny(weights), [Pair(p, t) for p in pictures for t in texts])
    np.testing.assert_allclose(scalars(found), 100 * (seen @ read.T).flatten(), atol=1e-4)
    assert [value.detail for value in found[:3]] == [None, None, {"truncated": True, "tokens": 18}]
    assert found[3].detail["truncated"]
    assert np.ptp(scalars(found)) > 1e-2


def test_a_pinned_pickle_in_the_published_wrapping_gives_the_same(
    weights: Path, tmp_path: Path
) -> None:
    pickle = tmp_path / "HPS.pt"
    torch.save({"state_dict": tiny_open_clip(tmp_path).state_dict()}, pickle)
    asked = [Pair(picture(40, 64, 1), "a red cube")]
    pinned = tiny(pickle, sha256=file_digest(pickle))
    np.testing.assert_array_equal(scalars(look(pinned, asked)), scalars(look(tiny(weights), asked)))
    assert ENTRY.resolve(pinned).revision == f"sha256:{file_digest(pickle)}"


def test_other_pickles_are_never_read(tmp_path: Path) -> None:
    pickle = tmp_path / "HPS.pt"
    torch.save({}, pickle)
    with pytest.raises(UntrustedWeightsError, match=r"no sha256.*convert_checkpoint"):
        ENTRY.resolve(tiny(pickle))
    with pytest.raises(UntrustedWeightsError, match="expected the published"):
        ENTRY.resolve(tiny(pickle, sha256="0" * 64))


def test_what_is_not_there_or_not_whole_is_said(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"HPS_v2\.1_compressed\.pt"):
        ENTRY.resolve(Instrument("hps", "hps"))
    with pytest.raises(MissingWeightsError, match="no file"):
        ENTRY.resolve(tiny(tmp_path / "nowhere.safetensors"))
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(BadInputError, match="cut short"):
        look(tiny(cut), [])
    other = tmp_path / "other.safetensors"
    save_file({"visual.proj": torch.zeros(2, 2)}, other)
    with pytest.raises(MissingWeightsError, match=r"lacks \d+ of \d+ weights"):
        look(tiny(other), [])
    with pytest.raises(BadInputError, match="no architecture 'ViT-Z-1'"):
        look(Instrument("x", "hps", str(weights), options={"architecture": "ViT-Z-1"}), [])


def test_weights_that_give_nan_are_refused(tmp_path: Path) -> None:
    state = tiny_open_clip(tmp_path).state_dict()
    state["visual.proj"] = torch.full_like(state["visual.proj"], torch.nan)
    file = tmp_path / "nan.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, file)
    with pytest.raises(UnreadableSubjectError, match="NaN or infinity for 1 of 1"):
        look(tiny(file), [Pair(picture(8, 8, 0), "a cube")])


def test_only_pairs_are_read(weights: Path) -> None:
    assert look(tiny(weights), []) == []
    for subject in (Picture(picture(8, 8, 0)), Text("a cube")):
        with pytest.raises(UnreadableSubjectError, match="pictures with a text each"):
            look(tiny(weights), [subject])


def test_pictures_and_texts_of_a_batch_are_encoded_once() -> None:
    one, other = picture(8, 8, 0), picture(8, 8, 1)
    parts = apart([Pair(one, "a"), Pair(other, "a"), Pair(one, "b")], "hps")
    assert len(parts.pictures) == 2
    assert parts.texts == ["a", "b"]
    assert parts.picture_of.tolist() == [0, 1, 0]
    assert parts.text_of.tolist() == [0, 0, 1]
