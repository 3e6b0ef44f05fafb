import math

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import peak_signal_noise_ratio
from torchmetrics.functional.pairwise import pairwise_cosine_similarity

from evalharness.core.nouns import InputPicture, Json, Prompt
from evalharness.core.tables import Seen
from evalharness.metrics import edits
from evalharness.metrics.features import UnmeasurableError
from tests.metrics.tables import details, outputs, vectors

BEFORE, MASK = InputPicture("a" * 64, "a.png"), InputPicture("b" * 64, "b.png")
EDIT = Prompt("p", "make it red", images=(BEFORE, MASK))


def measured(metric, detail: Json) -> float:
    return float(metric.measure(outputs([EDIT], seen={"change": details([detail])}))[0])


@pytest.mark.parametrize("error", [1 / 12, 0.5, 100.0, 255.0**2])
def test_psnr_is_torchmetrics_above_the_error_of_rounding(error: float) -> None:
    apart = torch.full((4, 4), math.sqrt(error), dtype=torch.float64)
    theirs = peak_signal_noise_ratio(apart, torch.zeros_like(apart), data_range=255.0)
    found = measured(edits.PSNR_OUTSIDE, {"outside": 0.5, "squared_error_outside": error})
    assert found == pytest.approx(theirs.item(), abs=1e-5)


def test_an_untouched_picture_has_the_psnr_of_rounding_not_infinity() -> None:
    best = measured(edits.PSNR_OUTSIDE, {"squared_error_outside": 0.0})
    assert best == pytest.approx(58.92, abs=0.01)
    assert best == measured(edits.PSNR_OUTSIDE, {"squared_error_outside": 0.01})
    assert measured(edits.PSNR_OUTSIDE, {"squared_error_outside": 255.0**2}) == 0.0


@pytest.mark.parametrize("metric", [edits.PSNR_OUTSIDE, edits.SSIM_OUTSIDE, edits.LPIPS_OUTSIDE])
def test_where_there_is_nothing_to_compare_there_is_no_score(metric) -> None:
    assert math.isnan(measured(metric, {"outside": 0.0}))
    with pytest.raises(UnmeasurableError, match="Extract it again"):
        measured(metric, None)
    assert not metric.facts.applies(Prompt("p", "a red ball"))


def test_another_look_leaves_nothing_alone_unless_a_region_is_named() -> None:
    look = {"style": "watercolour", "styles": "tinyworld"}
    for metric in (edits.PSNR_OUTSIDE, edits.SSIM_OUTSIDE, edits.LPIPS_OUTSIDE):
        applies = metric.facts.applies
        assert applies(Prompt("p", "x", images=(BEFORE,)))
        assert not applies(Prompt("p", "x", images=(BEFORE,), checks=look))
        assert applies(Prompt("p", "x", images=(BEFORE, MASK), checks=look))
    assert edits.SIMILARITY.facts.applies(Prompt("p", "x", images=(BEFORE,), checks=look))


def table(before, after, words=None):
    """Outputs of prompts with a picture and a mask each, whose vector must not be taken."""
    rows = np.asarray(before, np.float32)
    masks = np.full_like(rows, 7.0)
    n = len(rows)
    both = np.stack([rows, masks], axis=1).reshape(2 * n, -1)
    seen = {"input": Seen(np.repeat(np.arange(n), 2), np.arange(2 * n), vectors=both)}
    seen["output"] = vectors(after)
    if words is not None:
        seen["prompt"] = Seen(np.repeat(np.arange(n), 2), np.arange(2 * n), vectors=words)
    return outputs([EDIT] * n, seen=seen)


def test_similarity_is_the_cosine_with_the_first_picture() -> None:
    rng = np.random.default_rng(0)
    before, after = rng.normal(size=(2, 5, 16)).astype(np.float32)
    theirs = pairwise_cosine_similarity(torch.from_numpy(before), torch.from_numpy(after))
    found = edits.SIMILARITY.measure(table(before, after))
    np.testing.assert_allclose(found, theirs.diagonal().numpy(), atol=1e-6)
    np.testing.assert_allclose(edits.SIMILARITY.measure(table(before, 3 * before)), 1.0)


def test_direction_tells_the_way_asked_from_others_and_from_none() -> None:
    before = np.tile([1.0, 0.0, 0.0], (4, 1))
    words = np.tile([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], (4, 1)).astype(np.float32)
    toward = np.array([1.0, 0.0, 0.0]) + 0.1 * np.array([0.0, -1.0, 1.0])
    away = np.array([1.0, 0.0, 0.0]) - 0.1 * np.array([0.0, -1.0, 1.0])
    after = np.stack([toward, away, 2 * before[0], before[0] + np.array([0.0, 1.0, 1.0])])
    found = edits.DIRECTION.measure(table(before, after.astype(np.float32), words))
    assert found[0] > 0.95
    assert found[1] < -0.95
    assert found[2] == 0.0
    assert abs(found[3]) < 1e-6


def test_direction_needs_two_wordings_that_differ() -> None:
    says = {"before": "a blue ball", "after": "a red ball"}
    applies = edits.DIRECTION.facts.applies
    assert applies(Prompt("p", "make it red", images=(BEFORE,), checks=says))
    assert not applies(Prompt("p", "make it red", checks=says))
    assert not applies(Prompt("p", "make it red", images=(BEFORE,), checks={**says, "after": " "}))
    assert edits.DIRECTION.facts.asks(Prompt("p", "x", checks=says)) == tuple(says.values())


def test_words_that_mean_the_same_to_an_instrument_leave_the_other_edits_scored() -> None:
    words = np.array([[0, 1, 0], [0, 0, 1], [0, 1, 0], [0, 2, 0], [1, 0, 0], [0, 0, 1]], np.float32)
    before, after = np.tile([1.0, 0.0, 0.0], (3, 1)), np.tile([0.0, 0.0, 1.0], (3, 1))
    after[2] = before[2]
    first, same, unmoved = edits.DIRECTION.measure(table(before, after, words))
    assert first == pytest.approx(0.5)
    assert math.isnan(same)
    assert unmoved == 0.0
