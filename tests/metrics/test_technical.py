import math

import numpy as np
import pytest

from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Json, Prompt
from evalharness.metrics import technical
from evalharness.metrics.features import UnmeasurableError
from tests.metrics.tables import details, outputs

SEEN: dict[str, Json] = {
    "brightness": 0.3,
    "contrast": 0.2,
    "clipped_dark": 0.05,
    "clipped_light": 0.1,
    "colourfulness": 40.0,
    "spread": 50.0,
    "sharpness": 300.0,
    "noise": 3.0,
    "banding": 0.25,
}
EXPECTED = {
    technical.SHARPNESS: 300.0,
    technical.CONTRAST: 0.2,
    technical.COLOURFULNESS: 40.0,
    technical.EXPOSURE: 0.2,
    technical.CLIPPED: 0.15,
    technical.BANDING: 0.25,
    technical.NOISE: 3.0,
    technical.BLANK: 0.0,
}


def score(metric: OutputMetric, detail: Json) -> float:
    table = outputs([Prompt("p", "P")], seen={"output": details([detail])})
    return float(metric.measure(table)[0])


@pytest.mark.parametrize(("metric", "value"), EXPECTED.items(), ids=lambda m: str(m)[:0])
def test_measurements_become_scores(metric: OutputMetric, value: float) -> None:
    assert score(metric, SEEN) == pytest.approx(value)


def test_what_a_picture_is_too_small_for_has_no_score() -> None:
    assert math.isnan(score(technical.SHARPNESS, {"brightness": 0.5, "spread": 0.0}))
    assert score(technical.BLANK, {"spread": 1.9}) == 1.0


@pytest.mark.parametrize("detail", [None, [], {"sharpness": "high"}, {"sharpness": np.inf}])
def test_other_details_are_refused(detail: Json) -> None:
    with pytest.raises(UnmeasurableError, match="sharpness"):
        score(technical.SHARPNESS, detail)
