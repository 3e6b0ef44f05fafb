import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalharness.catalog import registry
from evalharness.core.measures import OutputMetric, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Likelihood, Likelihoods
from evalharness.core.tables import OutputTable, SetTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.likelihoods import calibration_error, chances
from tests.metrics.tables import outputs


def table(logs: list[list[float]], rights: list[int], texts: tuple[str, ...]) -> OutputTable:
    prompts = [
        Prompt(f"p{i}", "?", texts[right], continuations=texts) for i, right in enumerate(rights)
    ]
    plain = outputs(prompts)
    given_back = tuple(
        Likelihoods(tuple(Likelihood(t, log, 2) for t, log in zip(texts, row, strict=True)))
        for row in logs
    )
    return OutputTable(
        **{name: getattr(plain, name) for name in plain.__slots__ if name != "likelihoods"},
        likelihoods=given_back,
    )


def scores(name: str, of: OutputTable) -> list[float]:
    metric = registry.metric(name)
    assert isinstance(metric, OutputMetric)
    return [float(value) for value in metric.measure(of)]


CHOICES = (" yes", " certainly not")


def test_the_likeliest_continuation_is_the_choice() -> None:
    of = table([[-3.0, -4.0], [-4.0, -3.0]], [0, 0], CHOICES)
    assert scores("likelihood.correct", of) == [1.0, 0.0]
    # per byte the longer one is the likelier in both
    assert scores("likelihood.correct_by_byte", of) == [0.0, 0.0]


def test_brier_and_surprise_are_those_of_the_chances() -> None:
    of = table([[math.log(0.06), math.log(0.02)]], [0], CHOICES)
    assert scores("likelihood.brier", of) == [pytest.approx(2 * 0.25**2)]
    assert scores("likelihood.nll", of) == [pytest.approx(-math.log(0.75))]


def test_chances_of_very_unlikely_texts_do_not_vanish() -> None:
    assert chances([-5000.0, -5000.0]).tolist() == [0.5, 0.5]
    with pytest.raises(UnmeasurableError, match="NaN or infinite"):
        chances([-1.0, math.nan])


def test_only_prompts_that_know_the_right_continuation_are_judged() -> None:
    applies = registry.metric("likelihood.correct").facts.applies
    assert applies(Prompt("p", "?", "a", continuations=("a", "b")))
    assert not applies(Prompt("p", "?", "c", continuations=("a", "b")))
    assert not applies(Prompt("p", "?", "a", continuations=("a",)))
    assert registry.metric("perplexity.tokens").facts.applies(Prompt("p", "", continuations=("a",)))


@settings(deadline=None)  # the first call imports torch
@given(st.lists(st.tuples(st.floats(0.001, 1.0), st.booleans()), min_size=1, max_size=60))
def test_calibration_error_is_torchmetrics(drawn: list[tuple[float, bool]]) -> None:
    import torch
    from torchmetrics.functional.classification.calibration_error import _ce_compute

    # both in float32, as torchmetrics has them: else an edge of a bin may fall on either side
    sure = np.array([s for s, _ in drawn], np.float32)
    on_edge = np.abs(sure * 15 - np.round(sure * 15)) < 1e-4
    sure, right = sure[~on_edge], np.array([r for _, r in drawn], np.float32)[~on_edge]
    if len(sure):
        theirs = _ce_compute(torch.tensor(sure), torch.tensor(right), 15, norm="l1")
        assert calibration_error(sure, right) == pytest.approx(float(theirs), abs=1e-5)


def test_the_calibration_of_a_set_is_that_of_its_chances() -> None:
    logs = [[math.log(p), math.log(1 - p)] for p in (0.9, 0.8, 0.7, 0.95, 0.6)]
    metric = registry.metric("likelihood.ece")
    assert isinstance(metric, SetMetric)
    of = table(logs, [0, 0, 1, 0, 1], CHOICES)
    found = metric.measure(SetTable(of, np.arange(5)))
    right = [1.0, 1.0, 0.0, 1.0, 0.0]
    assert found.value == pytest.approx(calibration_error([0.9, 0.8, 0.7, 0.95, 0.6], right))


def test_calibration_errors_of_few_answers_are_larger_than_of_many():
    rng = np.random.default_rng(5)

    def measured(n: int) -> float:
        sure = rng.uniform(0.3, 0.99, n)
        return calibration_error(sure, rng.random(n) < sure)

    few, many = (np.mean([measured(n) for _ in range(100)]) for n in (100, 1000))
    assert few == pytest.approx(0.11, abs=0.015) and many == pytest.approx(0.035, abs=0.005)
    metric = registry.metric("likelihood.ece")
    assert isinstance(metric, SetMetric) and not metric.any_size


def test_perplexity_pools_tokens_and_bits_count_bytes() -> None:
    of = table([[-4.0], [-2.0]], [0, 0], (" é",))
    metric = registry.metric("perplexity.tokens")
    assert isinstance(metric, SetMetric)
    found = metric.measure(SetTable(of, np.arange(2)))
    assert found.value == pytest.approx(math.exp(6.0 / 4.0))
    assert scores("perplexity.bits_per_byte", of)[0] == pytest.approx(4.0 / 3 / math.log(2))
