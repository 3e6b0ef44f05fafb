import tracemalloc

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from evalharness.catalog import registry
from evalharness.catalog.instruments import load_instrument
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import Picture, Text
from evalharness.extractors.pixels_reader import PixelsExtractor, measurements
from evalharness.extractors.subjects import Pixels, UnreadableSubjectError


def noisy(side: int, deviation: float, mean: float = 128.0) -> Pixels:
    rng = np.random.default_rng(7)
    grey = rng.normal(mean, deviation, (side, side, 1)).repeat(3, axis=2)
    return np.rint(np.clip(grey, 0, 255)).astype(np.uint8)


def scene(side: int) -> Pixels:
    """Discs on a slope, the same at every size."""
    y, x = np.mgrid[0:side, 0:side] / side
    picture = np.stack([80 + 60 * x, 90 + 40 * y, 120 - 50 * x], axis=2)
    for cx, cy, colour in ((0.3, 0.4, (220, 40, 30)), (0.7, 0.6, (20, 60, 200))):
        picture[(x - cx) ** 2 + (y - cy) ** 2 < 0.02] = colour
    return picture.astype(np.uint8)


def test_the_instrument_runs_as_any_other() -> None:
    entry = registry.extractor("pixels")
    instrument = load_instrument("pixels")
    with PixelsExtractor(instrument, entry.resolve(instrument)) as extractor:
        first, second = extractor.extract([Picture(scene(32)), Picture(noisy(16, 5))])
        with pytest.raises(UnreadableSubjectError):
            extractor.extract([Text("words")])
    assert first.detail == measurements(scene(32)) != second.detail
    with pytest.raises(Exception, match="Write `pixels`"):
        entry.resolve(Instrument("x", "pixels", source="./folder"))
    assert PixelsExtractor(instrument, Resolution("code"))


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=12).map(lambda s: (*s, 3))))
def test_any_picture_has_finite_measurements_in_their_ranges(picture: Pixels) -> None:
    found = measurements(picture)
    assert all(np.isfinite(value) and value >= 0 for value in found.values())
    assert all(found[name] <= 1 for name in ("brightness", "contrast", "clipped_dark"))
    assert ("sharpness" in found) == ("noise" in found) == (min(picture.shape[:2]) >= 3)
    assert ("banding" in found) == (min(picture.shape[:2]) >= 8)
    rgb = picture.astype(np.float64)
    opponents = rgb[..., 0] - rgb[..., 1], (rgb[..., 0] + rgb[..., 1]) / 2 - rgb[..., 2]
    expected = np.hypot(*(o.std() for o in opponents))
    expected += 0.3 * np.hypot(*(o.mean() for o in opponents))
    assert found["colourfulness"] == pytest.approx(expected, abs=1e-6)
    assert found["spread"] == pytest.approx(rgb.reshape(-1, 3).std(axis=0).max(), abs=1e-6)


@pytest.mark.parametrize("side", [1, 64])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_constant_pictures_are_zero_where_there_is_nothing_to_see(side: int, level: int) -> None:
    found = measurements(np.full((side, side, 3), level, np.uint8))
    assert found["brightness"] == pytest.approx(level / 255)
    assert found["clipped_dark"] == (level == 0)
    assert found["clipped_light"] == (level == 255)
    others = {"contrast", "colourfulness", "spread", "sharpness", "noise", "banding"}
    assert all(value == pytest.approx(0, abs=1e-9) for n, value in found.items() if n in others)


def test_noise_is_estimated_in_levels_and_blur_takes_sharpness() -> None:
    for deviation in (2.0, 6.0, 12.0):
        assert measurements(noisy(256, deviation))["noise"] == pytest.approx(deviation, rel=0.05)
    sharp = scene(256)
    softer = [measurements(cv2.GaussianBlur(sharp, (0, 0), s))["sharpness"] for s in (0.7, 1.5)]
    values = [measurements(sharp)["sharpness"], *softer]
    assert values == sorted(values, reverse=True)
    assert values[0] > 10 * values[-1]


def test_enlarging_wins_no_sharpness() -> None:
    large = scene(2048)
    small, tiny = (cv2.resize(large, (n, n), interpolation=cv2.INTER_AREA) for n in (512, 128))
    enlarged = cv2.resize(tiny, (2048, 2048), interpolation=cv2.INTER_CUBIC)
    sharp = measurements(small)["sharpness"]
    assert measurements(large)["sharpness"] == pytest.approx(sharp, rel=0.05)
    assert measurements(enlarged)["sharpness"] < 0.5 * sharp


def test_bands_are_seen_in_posterised_slopes_only() -> None:
    slope = np.linspace(40, 200, 512).astype(np.uint8)[None, :, None]
    smooth = np.broadcast_to(slope, (64, 512, 3)).copy()
    banded = smooth // 8 * 8
    assert measurements(smooth)["banding"] == 0.0
    assert measurements(banded)["banding"] == 0.95  # the last of 20 steps touches the border
    assert measurements(np.ascontiguousarray(banded.transpose(1, 0, 2)))["banding"] == 0.95
    grain = np.random.default_rng(0).normal(0, 3, banded.shape)
    assert measurements(np.clip(banded + grain, 0, 255).astype(np.uint8))["banding"] < 0.02


def test_fifty_megapixels_are_measured_in_strips() -> None:
    tile = noisy(500, 20)
    small = measurements(tile)
    large = np.tile(tile, (10, 20, 1))
    tracemalloc.start()
    found = measurements(large)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 2**20
    for name in ("brightness", "contrast", "colourfulness", "spread"):
        assert found[name] == pytest.approx(small[name], rel=1e-6), name
    assert found["noise"] == pytest.approx(small["noise"], rel=0.02)
