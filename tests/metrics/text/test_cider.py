import math

import pytest

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.cider import cider
from tests.metrics.text.answered import prompt, set_score

DOG, CAT = ("a dog runs fast",), ("one cat sleeps here",)


def test_the_reference_itself_scores_ten_and_foreign_words_nothing() -> None:
    assert cider(["A dog runs fast.", "nothing of it"], [DOG, CAT]).tolist() == [
        pytest.approx(10.0),
        0.0,
    ]


def test_a_part_of_the_reference_scores_as_worked_out_by_hand() -> None:
    # every n-gram is in one of two pictures, so all weigh ln 2 and cosines are of counts
    cosines = [2 / math.sqrt(2 * 4), 1 / math.sqrt(1 * 3), 0.0, 0.0]
    penalty = math.exp(-(2**2) / 72)
    [found, _] = cider(["dog runs", ""], [DOG, CAT])
    assert found == pytest.approx(10 * penalty * sum(cosines) / 4)


def test_words_of_every_picture_weigh_nothing_and_repetition_is_clipped() -> None:
    both = [("a dog",), ("a cat",)]
    assert cider(["a", "a"], both).tolist() == [0.0, 0.0]
    once, often = cider(["dog", "dog dog dog"], [("dog here now",), ("cat there",)])
    assert often < once


def test_several_references_are_averaged() -> None:
    two = [("a dog runs fast", "the hound is quick"), CAT]
    [found, _] = cider(["a dog runs fast", ""], two)
    assert found == pytest.approx(5.0)


def test_one_picture_tells_no_word_from_another() -> None:
    with pytest.raises(UnmeasurableError, match="only one"):
        cider(["a dog"], [DOG])


def test_the_set_is_the_mean_over_its_outputs() -> None:
    pairs = [
        (prompt("a dog runs fast", name="1", targets=["a dog runs fast"]), "a dog runs fast"),
        (prompt("one cat sleeps here", name="2"), "nothing"),
    ]
    assert set_score("cider", pairs).value == pytest.approx(5.0)
