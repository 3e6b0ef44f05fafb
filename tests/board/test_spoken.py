"""Likelihoods as people read them."""

import math

from evalharness.board.spoken import in_words
from evalharness.core.likelihoods import written
from evalharness.core.outcomes import Likelihood, Likelihoods


def test_likelihoods_are_told_by_their_shares():
    likely = Likelihoods(
        (Likelihood(" yes", math.log(0.03), 1), Likelihood(" no", math.log(0.01), 1))
    )
    kind, text = in_words("likelihoods", written(likely))
    assert kind == "text"
    assert text == " 75.0%  ln p = -3.51  yes\n 25.0%  ln p = -4.61  no"


def test_hopeless_continuations_are_told_too():
    _, text = in_words("likelihoods", written(Likelihoods((Likelihood("x", -5000.0, 900),))))
    assert text == "100.0%  ln p = -5000.00  x"


def test_other_answers_stay_as_they_are():
    assert in_words("text", "[1]") == ("text", "[1]")
    assert in_words("picture", None) == ("picture", None)
    assert in_words(None, None) == (None, None)
