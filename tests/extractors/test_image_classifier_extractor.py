from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import ViTForImageClassification, ViTImageProcessor

from evalharness.core.errors import BadInputError, MissingWeightsError, UnknownNameError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Picture
from evalharness.extractors.image_classifier import ENTRY
from evalharness.extractors.image_classifier_network import ImageClassifierExtractor
from evalharness.extractors.subjects import UnreadableSubjectError
from tests.extractors.published import write_classifier, write_dinov2


def tiny(folder: Path, **options: object) -> Instrument:
    return Instrument("tiny", "image_classifier", str(folder), options=options)


def look(instrument: Instrument, pictures: list[np.ndarray]) -> list[float]:
    with ImageClassifierExtractor(instrument, ENTRY.resolve(instrument)) as extractor:
        return [value.scalar for value in extractor.extract([Picture(p) for p in pictures])]


def pictures() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    sizes = [(32, 32), (1, 1), (200, 60), (3, 500)]
    return [rng.integers(0, 255, (*size, 3), dtype=np.uint8) for size in sizes]


def test_the_scalar_is_the_labels_probability(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path / "nsfw")
    model = ViTForImageClassification.from_pretrained(folder).eval()
    processor = ViTImageProcessor.from_pretrained(folder)
    ready = processor([Image.fromarray(p) for p in pictures()], return_tensors="pt")
    with torch.no_grad():
        expected = model(**ready).logits.softmax(-1)[:, 1].numpy()
    found = look(tiny(folder, label="nsfw"), pictures())
    # the published processors resize with PIL, today's default with torch: up to a level apart
    np.testing.assert_allclose(found, expected, atol=0.02)
    others = look(tiny(folder, label="normal"), pictures())
    np.testing.assert_allclose(np.add(found, others), 1, atol=1e-6)
    assert np.std(found) > 1e-3
    for picture, value in zip(pictures(), found, strict=True):
        assert look(tiny(folder, label="nsfw"), [picture]) == pytest.approx([value], abs=1e-5)


def test_labels_that_may_hold_together_have_their_own_probability(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path / "m", problem_type="multi_label_classification")
    both = [look(tiny(folder, label=name), pictures()[:1])[0] for name in ("normal", "nsfw")]
    assert abs(sum(both) - 1) > 1e-4


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path / "nsfw")
    with pytest.raises(BadInputError, match="label"):
        ENTRY.resolve(tiny(folder))
    with pytest.raises(UnknownNameError, match=r"'lable'.*Did you mean 'label'"):
        ENTRY.resolve(tiny(folder, lable="nsfw"))
    with pytest.raises(UnknownNameError, match="Did you mean 'nsfw'"):
        look(tiny(folder, label="nfsw"), [])
    with pytest.raises(MissingWeightsError, match=r"lacks 2|cannot load"):
        look(tiny(write_dinov2(tmp_path / "other"), label="nsfw"), [])
    path = folder / "model.safetensors"
    broken = {k: torch.full_like(v, torch.nan) for k, v in load_file(path).items()}
    save_file(broken, path, {"format": "pt"})
    with pytest.raises(UnreadableSubjectError, match="NaN"):
        look(tiny(folder, label="nsfw"), pictures()[:1])
