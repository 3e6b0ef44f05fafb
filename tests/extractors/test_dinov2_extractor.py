from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torchvision import transforms
from transformers import Dinov2Model

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import FeatureValue, Picture, Text
from evalharness.extractors.dinov2 import ENTRY
from evalharness.extractors.dinov2_network import Dinov2Extractor, positions, prepared
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.extractors.published import write_classifier, write_dinov2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_dinov2(tmp_path / "dinov2")


def look(folder: Path, subjects: list[Picture]) -> list[FeatureValue]:
    instrument = Instrument("tiny", "dinov2", str(folder))
    with Dinov2Extractor(instrument, ENTRY.resolve(instrument)) as extractor:
        return list(extractor.extract(subjects))


def pictures() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    sizes = [(64, 64), (1, 1), (300, 90), (64, 64)]
    return [rng.integers(0, 255, (*size, 3), dtype=np.uint8) for size in sizes]


def test_vectors_are_the_class_token_of_the_papers_preprocessing(folder: Path) -> None:
    published = transforms.Compose(
        [
            transforms.Resize((224, 224), transforms.InterpolationMode.BICUBIC),
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    batch = torch.stack([published(Image.fromarray(p)) for p in pictures()])
    model = Dinov2Model.from_pretrained(folder).eval()
    side = 224 // model.config.patch_size
    here = positions(model.embeddings.position_embeddings, side)
    model.embeddings.interpolate_pos_encoding = lambda *_: here
    with torch.no_grad():
        expected = model(batch).pooler_output.numpy()
    vectors = np.stack([v.vector for v in look(folder, [Picture(p) for p in pictures()])])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    assert vectors.std(axis=0).min() > 1e-4


def test_positions_lie_where_the_original_code_puts_them() -> None:
    trained = torch.randn(1, 1 + 37 * 37, 8, generator=torch.Generator().manual_seed(0))
    moved = positions(trained, 16)
    assert torch.equal(moved[:, 0], trained[:, 0])
    assert positions(trained, 37) is trained
    # sampled at the places that a scale of (16 + 0.1) / 37 gives to the 16 patches
    places = (torch.arange(16) + 0.5) * 37 / 16.1 / 37 * 2 - 1
    y, x = torch.meshgrid(places, places, indexing="ij")
    grid = trained[:, 1:].reshape(1, 37, 37, 8).permute(0, 3, 1, 2)
    sampled = torch.nn.functional.grid_sample(
        grid, torch.stack([x, y], -1)[None], "bicubic", "border", align_corners=False
    )
    torch.testing.assert_close(moved[0, 1:].T.reshape(8, 16, 16), sampled[0], atol=1e-4, rtol=1e-4)
    by_size = torch.nn.functional.interpolate(grid, size=(16, 16), mode="bicubic")
    assert (by_size - sampled).abs().max() > 1e-2


def test_batch_mates_change_nothing(folder: Path) -> None:
    together = look(folder, [Picture(p) for p in pictures()])
    for picture, value in zip(pictures(), together, strict=True):
        [alone] = look(folder, [Picture(picture)])
        np.testing.assert_allclose(alone.vector, value.vector, atol=1e-5)
    assert look(folder, []) == []


def test_fifty_megapixels_become_what_the_network_takes() -> None:
    assert prepared(np.zeros((7000, 7200, 3), np.uint8)).shape == (3, 224, 224)


def test_what_it_cannot_take_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableSubjectError, match="reads pictures"):
        look(folder, [Text("a")])
    with pytest.raises(BadInputError, match=r"is a vit model; expected one of dinov2"):
        look(write_classifier(tmp_path / "vit"), [])
    path = folder / "model.safetensors"
    broken = {k: torch.full_like(v, torch.nan) for k, v in load_file(path).items()}
    save_file(broken, path, {"format": "pt"})
    with pytest.raises(UnreadableSubjectError, match="NaN or infinity for 1 of 1"):
        look(folder, [Picture(pictures()[0])])


def test_memory_is_released(folder: Path) -> None:
    instrument = Instrument("tiny", "dinov2", str(folder))
    with Dinov2Extractor(instrument, ENTRY.resolve(instrument)) as extractor:
        pass
    assert not [v for v in vars(extractor).values() if isinstance(v, torch.nn.Module)]
