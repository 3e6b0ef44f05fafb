import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.catalog.metrics import expand_metrics, parse_metric
from evalharness.core.nouns import Prompt
from evalharness.metrics.clip_score import HESSEL, METRIC, clip_score
from evalharness.metrics.features import UnmeasurableError
from tests.metrics.tables import outputs, vectors


def test_known_angles_and_the_clamp() -> None:
    x = np.array([[1, 0], [1, 0], [1, 0], [2, 2]])
    y = np.array([[3, 0], [1, 3**0.5], [-1, 0], [0, 5]])
    assert clip_score(x, y) == pytest.approx([100, 50, 0, 100 / 2**0.5])


@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(1e-3, 1e3))
def test_bounded_symmetric_and_free_of_scale(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 5, 7))
    score = clip_score(x, y)
    assert ((score >= 0) & (score <= 100)).all()
    assert clip_score(y, x) == pytest.approx(score)
    assert clip_score(x * scale, y) == pytest.approx(score)


def test_metric_reads_output_and_prompt_vectors() -> None:
    prompts = [Prompt("a", "A"), Prompt("b", "B")]
    table = outputs(prompts, seen={"output": vectors(np.eye(2)), "prompt": vectors(np.eye(2))})
    assert METRIC.measure(table).tolist() == [100.0, 100.0]
    assert METRIC.facts.default_instrument is None


def test_the_papers_convention_has_a_name_a_prefix_and_a_weight_of_its_own() -> None:
    prompts = [Prompt("a", " a dog "), Prompt("b", "ein Hund", checks={"meaning": "a dog"})]
    assert [HESSEL.facts.asks(p) for p in prompts] == [("A photo depicts a dog",)] * 2
    x, y = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 3**0.5], [-1.0, 0.0]])
    table = outputs(prompts, seen={"output": vectors(x), "prompt": vectors(y)})
    np.testing.assert_allclose(HESSEL.measure(table), [2.5 * 0.5, 0.0], rtol=1e-6)
    names = [choice.name for choice in expand_metrics(["clip_score[fake]"])]
    assert names == ["clip_score[fake]"], "the other convention is shown only where it is named"
    assert parse_metric("clip_score.hessel[fake]").metric is HESSEL


def test_a_misspelt_or_translated_prompt_is_compared_with_what_it_means() -> None:
    prompt = Prompt("de", "ein roter Ball", checks={"meaning": "a red ball"})
    assert METRIC.facts.asks(prompt) == ("a red ball",)
    assert METRIC.facts.asks(Prompt("en", "a red ball")) == ("a red ball",)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.zeros((1, 3)), np.ones((1, 3))),
        (np.full((1, 3), np.nan), np.ones((1, 3))),
        (np.ones((1, 3)), np.ones((1, 4))),
        (np.ones(3), np.ones(3)),
    ],
)
def test_vectors_without_direction_are_refused(x: np.ndarray, y: np.ndarray) -> None:
    with pytest.raises(UnmeasurableError):
        clip_score(x, y)
