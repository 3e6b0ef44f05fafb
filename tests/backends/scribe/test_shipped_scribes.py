"""The catalogue's scribes on the shipped suites: what a board of them has to show."""

import numpy as np
import pytest

from evalharness.catalog.models import catalogue
from tests.backends.scribe.test_scribe import RIGHT, WORDY, scored

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
