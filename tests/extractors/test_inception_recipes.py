from pathlib import Path

import numpy as np
import pytest
import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torchmetrics.image.fid import NoTrainInceptionV3

from evalharness.catalog.instruments import load_instrument
from evalharness.core.errors import BadInputError, UnknownNameError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Picture
from evalharness.extractors import inception
from evalharness.extractors.inception_network import InceptionExtractor
from evalharness.extractors.inception_recipes import RECIPES, antialiased, clean

SIZES = [(512, 512), (299, 299), (64, 96), (1, 1), (1500, 40), (1, 2000), (2100, 2300)]


def random(height: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(height * width)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_clean_is_clean_fids(size: tuple[int, int]) -> None:
    resize = pytest.importorskip("cleanfid.resize", reason="of the extra `compare`")
    picture = random(*size)
    theirs = resize.build_resizer("clean")(picture)
    np.testing.assert_allclose(clean(picture), theirs, atol=1e-4)


@pytest.mark.parametrize("size", SIZES)
def test_antialiased_is_torchs(size: tuple[int, int]) -> None:
    picture = random(*size)
    whole = torch.nn.functional.interpolate(
        torch.from_numpy(picture).permute(2, 0, 1)[None].float(),
        (299, 299),
        mode="bilinear",
        antialias=True,
    )
    found = antialiased(picture)
    np.testing.assert_allclose(found, whole[0].permute(1, 2, 0), atol=1e-3)
    assert found.dtype == np.float32


@pytest.mark.parametrize("recipe", RECIPES)
def test_fifty_megapixels(recipe: str) -> None:
    assert RECIPES[recipe](np.zeros((7000, 7200, 3), np.uint8)).shape == (299, 299, 3)


def features(weights: Path, pictures: np.ndarray, **options: str) -> np.ndarray:
    instrument = Instrument("i", "inception", str(weights), options=options)
    with InceptionExtractor(instrument, inception.resolve(instrument)) as extractor:
        return np.stack([v.vector for v in extractor.extract([Picture(p) for p in pictures])])


def test_antialiased_features_are_torchmetrics_default(
    fid_weights: Path, two_sets: tuple[np.ndarray, np.ndarray]
) -> None:
    pictures = two_sets[1][:3]
    theirs = NoTrainInceptionV3(
        "inception-v3-compat", ["2048"], str(fid_weights.with_suffix(".pth"))
    )
    with torch.no_grad():
        expected = theirs(torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()).numpy()
    found = features(fid_weights, pictures, resize="antialiased")
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    default = features(fid_weights, pictures)
    assert np.abs(default - found).max() > 1e-3


def test_logits_are_torch_fidelitys_unbiased(
    fid_weights: Path, two_sets: tuple[np.ndarray, np.ndarray]
) -> None:
    pictures = two_sets[0][:3]
    theirs = FeatureExtractorInceptionV3(
        "inception-v3-compat",
        ["logits_unbiased"],
        feature_extractor_weights_path=str(fid_weights.with_suffix(".pth")),
    )
    [expected] = theirs(torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous())
    found = features(fid_weights, pictures, features="logits")
    assert found.shape == (3, 1008)
    scale = float(expected.abs().max())
    np.testing.assert_allclose(found / scale, expected.numpy() / scale, atol=1e-5)


def test_every_recipe_has_its_instrument_and_key() -> None:
    names = ("inception", "inception-clean", "inception-antialiased", "inception-logits")
    options = [inception.check_options(load_instrument(name)) for name in names]
    assert options == [
        ("tensorflow-1", "pool"),
        ("clean", "pool"),
        ("antialiased", "pool"),
        ("tensorflow-1", "logits"),
    ]
    assert set(inception.RESIZES) == set(RECIPES)


def test_unknown_options_are_refused(fid_weights: Path) -> None:
    for options, error in (
        ({"resize": "bicubic"}, BadInputError),
        ({"features": 3}, BadInputError),
        ({"resise": "clean"}, UnknownNameError),
    ):
        with pytest.raises(error):
            inception.resolve(Instrument("i", "inception", str(fid_weights), options=options))
