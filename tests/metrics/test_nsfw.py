import pytest

from evalharness.core.nouns import Prompt
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.nsfw import METRIC
from tests.metrics.tables import outputs, scalars

PROMPTS = [Prompt(name, name) for name in "abc"]


def test_likely_unsafe_pictures_count() -> None:
    table = outputs(PROMPTS, seen={"output": scalars([0.1, 0.5, 0.99])})
    assert METRIC.measure(table).tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_what_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(UnmeasurableError, match="1 of 3"):
        METRIC.measure(outputs(PROMPTS, seen={"output": scalars([0.1, value, 0.9])}))
