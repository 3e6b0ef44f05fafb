"""The catalogue's scribes on the shipped suites: what a board of them has to show."""

from dataclasses import replace

import numpy as np
import pytest

from evalharness.catalog import registry
from evalharness.catalog.models import catalogue
from evalharness.core.measures import SetMetric
from evalharness.core.tables import SetTable
from tests.backends.scribe.test_scribe import RIGHT, WORDY, scored
from tests.backends.scribe.written import suite_prompts, told
from tests.metrics.tables import outputs

RIGHTNESS = [(suite, metrics[0]) for suite, metrics in RIGHT.items()]


def share(name: str, suite: str, metric: str) -> float:
    options = {**catalogue()[name].options, "refuse": 0.0, "latency_s": 0.0}
    return float(np.mean(scored(suite, metric, **options)))


@pytest.mark.parametrize(("suite", "metric"), RIGHTNESS)
def test_the_careful_are_right_more_often_than_the_hasty(suite: str, metric: str) -> None:
    assert share("scribe-careful", suite, metric) >= share("scribe-hasty", suite, metric) + 0.1


@pytest.mark.parametrize(
    ("suite", "metric"),
    [(s, m) for s, metrics in RIGHT.items() for m in metrics if m not in WORDY],
)
def test_the_verbose_are_right_as_often_as_the_careful(suite: str, metric: str) -> None:
    assert share("scribe-verbose", suite, metric) == share("scribe-careful", suite, metric)


def measured(name: str, metric: str) -> float:
    """A set metric of what a scribe tells of vision-labels."""
    found = registry.metric(metric)
    assert isinstance(found, SetMetric)
    asked = suite_prompts("vision-labels")
    answered = told(asked, **{**catalogue()[name].options, "latency_s": 0.0})
    table = replace(outputs(asked), likelihoods=tuple(answered))
    return found.measure(SetTable(table, np.arange(len(asked)))).value


def test_the_boastful_classifier_is_as_right_and_far_less_calibrated() -> None:
    calm, boastful = "scribe-classifier", "scribe-classifier-boastful"
    assert measured(calm, "label.macro_f1") == measured(boastful, "label.macro_f1")
    assert measured(calm, "likelihood.ece") < 0.1
    assert measured(boastful, "likelihood.ece") > 0.15
