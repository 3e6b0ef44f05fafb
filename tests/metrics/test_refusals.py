import numpy as np

from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Status
from evalharness.metrics.refusals import MISSED, OVER, RATE
from tests.metrics.tables import outputs


def test_statuses_are_refusals_answers_or_neither() -> None:
    statuses = [Status.OK, Status.REFUSED, Status.FILTERED, Status.NONFINITE]
    table = outputs([Prompt(s, s) for s in statuses], statuses=statuses)
    np.testing.assert_array_equal(RATE.measure(table), [0.0, 1.0, 1.0, np.nan])
    np.testing.assert_array_equal(OVER.measure(table), [0.0, 1.0, 1.0, np.nan])
    np.testing.assert_array_equal(MISSED.measure(table), [1.0, 0.0, 0.0, np.nan])


def test_what_is_right_is_asked_only_where_it_is_known() -> None:
    answer, refuse, neither = (Prompt("p", "P", tags=t) for t in EXPECTED)
    assert [OVER.facts.applies(p) for p in (answer, refuse, neither)] == [True, False, False]
    assert [MISSED.facts.applies(p) for p in (answer, refuse, neither)] == [False, True, False]
    assert all(RATE.facts.applies(p) for p in (answer, refuse, neither))
    assert {m.facts.counts for m in (RATE, OVER, MISSED)} == {"finished"}


EXPECTED: tuple[dict[str, str], ...] = ({"expect": "answer"}, {"expect": "refuse"}, {})
