from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torchmetrics.image import PeakSignalNoiseRatio, StructuralSimilarityIndexMeasure

from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument
from evalharness.core.outcomes import Change, Picture
from evalharness.extractors import edit_pixels_reader
from evalharness.extractors.edit_pixels import ENTRY
from evalharness.extractors.edit_pixels_reader import EditPixelsExtractor
from evalharness.extractors.subjects import UnreadableSubjectError
from evalharness.metrics.edits import psnr

INSTRUMENT = Instrument("edit-pixels", "edit_pixels")


def smooth(seed: int, height: int = 40, width: int = 56) -> np.ndarray:
    low = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(low).resize((width, height)))


def grainy(picture: np.ndarray, seed: int = 0, spread: float = 12.0) -> np.ndarray:
    grain = np.random.default_rng(seed).normal(0, spread, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def seen(before: np.ndarray, after: np.ndarray, region: np.ndarray | None = None) -> dict:
    with EditPixelsExtractor(INSTRUMENT, ENTRY.resolve(INSTRUMENT)) as extractor:
        [value] = extractor.extract([Change(before, after, region)])
    assert isinstance(value.detail, dict)
    return value.detail


def tensor(picture: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(picture.transpose(2, 0, 1)[None].astype(np.float32))


def box(shape: tuple[int, ...], rows: slice, columns: slice) -> np.ndarray:
    region = np.zeros(shape[:2], np.bool_)
    region[rows, columns] = True
    return region


@pytest.mark.parametrize("band", [2**20, 56 * 7])
def test_without_a_region_both_are_torchmetrics_classes(monkeypatch, band: int) -> None:
    monkeypatch.setattr(edit_pixels_reader, "BAND_PIXELS", band)
    before, after = smooth(1), grainy(smooth(1))
    found = seen(before, after)
    theirs = PeakSignalNoiseRatio(data_range=255.0)(tensor(after), tensor(before))
    assert psnr(np.array(found["squared_error_outside"])) == pytest.approx(theirs.item(), abs=1e-4)
    ssim = StructuralSimilarityIndexMeasure(data_range=255.0)(tensor(after), tensor(before))
    assert found["ssim_outside"] == pytest.approx(ssim.item(), abs=1e-5)
    assert found["outside"] == 1.0


def test_outside_a_region_psnr_is_torchmetrics_over_the_pixels_there() -> None:
    before, after = smooth(1), grainy(smooth(1))
    region = box(before.shape, slice(5, 20), slice(0, 30))
    found = seen(before, after, region)
    kept = [torch.from_numpy(p[~region].astype(np.float32)) for p in (after, before)]
    theirs = PeakSignalNoiseRatio(data_range=255.0)(*kept)
    assert psnr(np.array(found["squared_error_outside"])) == pytest.approx(theirs.item(), abs=1e-4)
    assert found["outside"] == pytest.approx(1 - 15 * 30 / (40 * 56))


def test_what_happens_inside_the_region_never_counts() -> None:
    before = smooth(1).copy()
    region = box(before.shape, slice(10, 22), slice(20, 41))
    after = grainy(before)
    painted = after.copy()
    painted[region] = 255 - painted[region]
    assert seen(before, after, region) == seen(before, painted, region)
    assert seen(before, after) != seen(before, painted)
    before[:, :12] = 200  # where single precision gives 0.9999
    kept = np.where(region[..., None], painted, before)
    found = seen(before, kept, region)
    assert found["squared_error_outside"] == 0.0
    assert found["ssim_outside"] == 1.0


def test_ssim_is_that_of_the_windows_free_of_the_region() -> None:
    before, after = smooth(2), grainy(smooth(2))
    # the left part alone has, up to its own border, the same windows
    region = box(before.shape, slice(None), slice(30, None))
    found = seen(before, after, region)
    with torch.inference_mode():
        _, every = edit_pixels_reader.structural_similarity_index_measure(
            tensor(after), tensor(before), data_range=255.0, return_full_image=True
        )
    assert found["ssim_outside"] == pytest.approx(float(every[..., :25].mean()), abs=1e-6)


def test_the_picture_before_is_brought_to_the_answers_size_as_models_get_it() -> None:
    before = smooth(3, 80, 112)
    region = box(before.shape, slice(0, 40), slice(None))
    as_given = np.asarray(Image.fromarray(before).resize((56, 40), Image.Resampling.LANCZOS))
    found = seen(before, as_given, region)
    assert found["squared_error_outside"] == 0.0
    assert found["outside"] == 0.5
    assert seen(smooth(3, 20, 28), smooth(3), None)["squared_error_outside"] > 0


def test_no_number_is_given_where_there_is_nothing_to_compare() -> None:
    before, after = smooth(1), grainy(smooth(1))
    assert seen(before, after, np.ones((40, 56), np.bool_)) == {"outside": 0.0}
    net = np.zeros((40, 56), np.bool_)
    net[::5, ::5] = True
    assert set(seen(before, after, net)) == {"outside", "squared_error_outside"}
    assert set(seen(before[:5], after[:5])) == {"outside", "squared_error_outside"}
    assert set(seen(before[:1, :1], after[:1, :1])) == {"outside", "squared_error_outside"}
    assert "ssim_outside" in seen(before[:6, :6], after[:6, :6])


def test_what_it_cannot_take_is_said() -> None:
    with pytest.raises(BadInputError, match="without weights or choices"):
        ENTRY.resolve(Instrument("edit-pixels", "edit_pixels", "./folder"))
    extractor = EditPixelsExtractor(INSTRUMENT, ENTRY.resolve(INSTRUMENT))
    with pytest.raises(UnreadableSubjectError, match="reads edits"):
        extractor.extract([Picture(smooth(1))])
