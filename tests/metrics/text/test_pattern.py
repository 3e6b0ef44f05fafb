import time

import pytest

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text import bounded
from tests.metrics.text.answered import prompt, score


def test_a_pattern_is_searched_for() -> None:
    assert score("pattern_match", prompt(pattern=r"^\d{4}-\d\d$"), "2026-11") == 1.0
    assert score("pattern_match", prompt(pattern=r"^\d{4}-\d\d$"), "in 2026-11") == 0.0
    assert score("pattern_match", prompt(pattern="x*"), "") == 1.0


@pytest.mark.parametrize(("wrong", "said"), [("(", "no regular exp"), (7, "expected a regular e")])
def test_what_is_no_pattern_is_named(wrong: str | int, said: str) -> None:
    with pytest.raises(UnmeasurableError, match=said):
        score("pattern_match", prompt(pattern=wrong), "x")


def test_a_pattern_that_never_ends_is_stopped_and_then_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounded, "SECONDS", 0.05)
    monkeypatch.setattr(bounded, "_slow", type(bounded._slow)())
    asked = prompt(pattern=r"^(a|aa)+$")
    started = time.monotonic()
    for _ in range(20):
        with pytest.raises(UnmeasurableError, match="without nested repetitions"):
            score("pattern_match", asked, "a" * 60 + "b")
    assert bounded._slow[r"^(a|aa)+$"] == bounded.PATIENCE
    assert time.monotonic() - started < 20
    assert score("pattern_match", prompt(pattern="word"), "word") == 1.0
