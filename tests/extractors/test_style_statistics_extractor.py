import numpy as np
import pytest

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Picture
from evalharness.extractors.style_statistics import ENTRY
from evalharness.extractors.style_statistics_counts import (
    DIMENSIONS,
    StyleStatisticsExtractor,
    style_vector,
)
from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import AESTHETICS, Scene


@pytest.mark.parametrize("size", [(1, 1), (2, 700), (64, 64), (7000, 7200)])
def test_vectors_are_unit_and_not_negative(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    pixels = np.broadcast_to(rng.integers(0, 255, (1, size[1], 3), np.uint8), (*size, 3))
    vector = style_vector(pixels)
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    assert vector.min() >= 0
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_a_plain_picture_has_no_marks() -> None:
    vector = style_vector(np.full((50, 50, 3), 128, np.uint8))
    assert np.count_nonzero(vector[:125]) == 1
    assert not vector[125:161].any()


def test_directions_and_palettes_tell_styles_apart() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::8] = stripes[:, 1::8] = 255
    assert style_vector(stripes) @ style_vector(stripes.swapaxes(0, 1)) < 0.9
    red, blue = np.zeros((2, 64, 64, 3), np.uint8)
    red[..., 0], blue[..., 2] = 255, 255
    assert style_vector(red) @ style_vector(blue) < 0.7


def test_pictures_of_one_aesthetic_are_nearer_than_of_others() -> None:
    vectors = {
        look: np.stack(
            [
                style_vector(render(Scene(aesthetic=look), np.random.default_rng(i)))
                for i in range(12)
            ]
        )
        for look in AESTHETICS
    }
    right = total = 0
    for look, own in vectors.items():
        for i, vector in enumerate(own):
            near = {
                other: np.mean(np.delete(rows @ vector, i) if other == look else rows @ vector)
                for other, rows in vectors.items()
            }
            right += max(near, key=near.get) == look
            total += 1
    assert right / total >= 0.85


def test_size_changes_little() -> None:
    import cv2

    rng = np.random.default_rng(1)
    small = cv2.resize(rng.integers(0, 255, (24, 24, 3), np.uint8), (256, 256))
    large = cv2.resize(small, (1024, 1024), interpolation=cv2.INTER_LINEAR)
    assert style_vector(small) @ style_vector(large) > 0.98


def test_the_extractor_needs_nothing() -> None:
    instrument = Instrument("style-statistics", "style_statistics")
    with StyleStatisticsExtractor(instrument, ENTRY.resolve(instrument)) as extractor:
        [value] = extractor.extract([Picture(np.zeros((4, 4, 3), np.uint8))])
    assert value.vector.shape == (DIMENSIONS,)
    with pytest.raises(BadInputError, match="neither weights nor choices"):
        ENTRY.resolve(Instrument("s", "style_statistics", options={"bins": 3}))
