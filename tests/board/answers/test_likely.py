from __future__ import annotations

import math

import pytest

from evalharness.board.answers.likely import likely_of
from evalharness.core.likelihoods import written
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Likelihood, Likelihoods

STORED = written(
    Likelihoods((Likelihood(" yes", math.log(0.03), 1), Likelihood(" no", math.log(0.01), 2)))
)


def test_continuations_have_their_shares_and_the_right_one_is_known() -> None:
    yes, no = likely_of(STORED, Prompt("p", "?", "yes", continuations=(" yes", " no")))
    assert (yes.share, no.share) == (pytest.approx(0.75), pytest.approx(0.25))
    assert (yes.right, no.right) == (True, False)
    assert no.tokens == 2


def test_without_a_target_none_is_right() -> None:
    assert [one.right for one in likely_of(STORED)] == [None, None]
    assert [one.right for one in likely_of(STORED, Prompt("p", "?", "maybe"))] == [None, None]
