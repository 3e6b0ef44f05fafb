import json

import numpy as np
import pytest

from evalharness.core.nouns import Prompt
from evalharness.metrics.code_passed import METRIC, asked_of, has_tests
from evalharness.metrics.features import UnmeasurableError
from tests.metrics.tables import outputs, scalars

CODE = {"tests": "assert add(1, 2) == 3", "entry_point": "add"}
PROMPT = Prompt("add", "Write add.", checks={"code": CODE})


def test_a_prompt_asks_for_its_tests_with_the_name_and_what_stands_before() -> None:
    (asked,) = asked_of(PROMPT)
    assert json.loads(asked) == {**CODE, "prefix": ""}
    longer = Prompt("add", "Write add.", checks={"code": {**CODE, "prefix": "import math\n"}})
    assert json.loads(*asked_of(longer))["prefix"] == "import math\n"


def test_prompts_without_tests_are_left_out() -> None:
    assert has_tests(PROMPT)
    assert not has_tests(Prompt("x", "Write x."))
    assert not has_tests(Prompt("x", "Write x.", checks={"code": {"tests": "", "entry_point": ""}}))
    assert asked_of(Prompt("x", "Write x.")) == ()


def test_the_score_is_what_came_of_the_program() -> None:
    table = outputs([PROMPT] * 3, seen={"exchange": scalars([1.0, 0.0, 1.0])})
    assert METRIC.measure(table).tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("number", [0.5, 2.0, np.nan])
def test_numbers_of_another_instrument_are_refused(number: float) -> None:
    table = outputs([PROMPT], seen={"exchange": scalars([number])})
    with pytest.raises(UnmeasurableError):
        METRIC.measure(table)
