import cv2
import numpy as np
import pytest
from PIL import Image

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Picture, Text
from evalharness.extractors.phash import ENTRY
from evalharness.extractors.phash_dct import PhashExtractor, perceptual_hash
from evalharness.extractors.subjects import UnreadableSubjectError


def picture(seed: int, height: int = 200, width: int = 300) -> np.ndarray:
    low = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
    return np.asarray(Image.fromarray(low).resize((width, height)))


def distance(a: np.ndarray, b: np.ndarray) -> int:
    return int((perceptual_hash(a) != perceptual_hash(b)).sum())


def test_near_duplicates_are_near_and_others_far() -> None:
    one = picture(0)
    _, packed = cv2.imencode(".jpg", one, [cv2.IMWRITE_JPEG_QUALITY, 40])
    assert distance(one, one.copy()) == 0
    assert distance(one, cv2.imdecode(packed, cv2.IMREAD_COLOR)) <= 4
    assert distance(one, cv2.resize(one, (150, 100))) <= 4
    assert distance(one, np.clip(one * 0.8, 0, 255).astype(np.uint8)) <= 4
    others = [distance(one, picture(seed)) for seed in range(1, 40)]
    assert 26 < np.mean(others) < 38
    assert min(others) > 8


def test_the_hash_is_imagehashs() -> None:
    imagehash = pytest.importorskip("imagehash", reason="of the extra `compare`")
    for seed in range(10):
        for size in ((200, 300), (31, 17), (1, 1)):
            one = picture(seed, *size)
            theirs = imagehash.phash(Image.fromarray(one)).hash.ravel()
            np.testing.assert_array_equal(perceptual_hash(one), theirs)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (7000, 7200)])
def test_any_size_gives_64_bits(size: tuple[int, int]) -> None:
    instrument = Instrument("phash", "phash")
    with PhashExtractor(instrument, ENTRY.resolve(instrument)) as extractor:
        [value] = extractor.extract([Picture(np.zeros((*size, 3), np.uint8))])
    assert value.vector.shape == (64,)
    assert value.vector.dtype == np.float32
    assert set(value.vector.tolist()) <= {0.0, 1.0}


def test_what_it_cannot_take_is_said() -> None:
    with pytest.raises(BadInputError, match="neither weights nor choices"):
        ENTRY.resolve(Instrument("phash", "phash", "./folder"))
    with pytest.raises(UnreadableSubjectError, match="reads pictures"):
        PhashExtractor(
            Instrument("phash", "phash"), ENTRY.resolve(Instrument("p", "phash"))
        ).extract([Text("a")])
