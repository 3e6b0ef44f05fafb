import numpy as np
import pytest

from evalharness.catalog.metrics import parse_metric
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.preference import AESTHETIC, PREFERENCE
from evalharness.metrics.vqa_score import METRIC as VQA_SCORE
from tests.metrics.tables import outputs, scalars

CUBE, BALL = Prompt("cube", "a red cube"), Prompt("ball", "a blue ball")


def test_the_networks_own_numbers_stand_unchanged() -> None:
    pair = outputs([CUBE, BALL], seen={"pair": scalars([28.8, -1.25])})
    np.testing.assert_array_equal(PREFERENCE.measure(pair), [28.8, -1.25])
    alone = outputs([CUBE, BALL], seen={"output": scalars([5.5, 6.25])})
    np.testing.assert_array_equal(AESTHETIC.measure(alone), [5.5, 6.25])


@pytest.mark.parametrize("metric", [PREFERENCE, VQA_SCORE])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_is_an_error_and_never_taken_for_not_applicable(metric, bad) -> None:
    table = outputs([CUBE, BALL], seen={"pair": scalars([0.5, bad])})
    with pytest.raises(UnmeasurableError, match="NaN or infinity for 1 of 2"):
        metric.measure(table)


def test_two_numbers_of_one_output_are_refused() -> None:
    table = outputs([CUBE, BALL], seen={"pair": scalars([1, 2, 3], of=[0, 0, 1])})
    with pytest.raises(UnmeasurableError, match="one each"):
        PREFERENCE.measure(table)


def test_pictures_are_judged_by_what_their_prompt_means() -> None:
    misspelt = Prompt("typo", "a rde cubbe", checks={"meaning": "a red cube"})
    assert PREFERENCE.facts.asks(misspelt) == ("a red cube",)
    (asked,) = VQA_SCORE.facts.asks(misspelt)
    assert asked == 'Does this figure show "a red cube"? Please answer yes or no.'
    braces = Prompt("braces", 'a sign "{0} {}"')
    assert 'a sign "{0} {}"' in VQA_SCORE.facts.asks(braces)[0]


def test_blank_prompts_have_nothing_to_be_held_against() -> None:
    for metric in (PREFERENCE, VQA_SCORE):
        assert not metric.facts.applies(Prompt("blank", " \n"))
        assert metric.facts.applies(CUBE)
    assert AESTHETIC.facts.applies(Prompt("blank", " \n"))


def test_what_is_no_probability_is_refused() -> None:
    table = outputs([CUBE, BALL], seen={"pair": scalars([0.5, 28.8])})
    with pytest.raises(UnmeasurableError, match=r"28\.8 where a probability"):
        VQA_SCORE.measure(table)


def test_instruments_that_cannot_see_pairs_are_refused() -> None:
    assert parse_metric("preference[fake]").name == "preference[fake]"
    with pytest.raises(BadInputError, match="reads only picture and text"):
        parse_metric("preference[tiny-clip]")
    with pytest.raises(BadInputError, match="needs an instrument"):
        parse_metric("aesthetic")
