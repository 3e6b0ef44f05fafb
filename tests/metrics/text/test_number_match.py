from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.core.nouns import Prompt
from evalharness.metrics.text.number_match import METRIC, last_number
from tests.metrics.text.answered import prompt, score


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("42", 42),
        ("So 3 + 4 = 7.", 7),
        ("It fell to -5 degrees", -5),
        ("x = −7", -7),
        ("3-5", 5),
        ("$1,234.50 in all", Fraction("1234.5")),
        ("1.234,50 Euro", Fraction("1234.5")),
        ("1\u00a0234\u00a0567", 1234567),
        ("1,234", 1234),
        ("1.234", Fraction("1.234")),
        ("1,5", Fraction("1.5")),
        ("1,2,3", 3),
        (".5", Fraction(1, 2)),
        ("2.50e3", 2500),
        ("3/4 of it", Fraction(3, 4)),
        ("25/11/2026", 2026),
        ("50%", 50),
        ("#### 18", 18),
        ("٤٢", 42),
        ("1/0", 0),
        ("none at all", None),
        ("", None),
        ("9" * 500, None),
        ("1e999999999", None),
    ],
)
def test_the_last_number_is_read_as_people_write_it(text: str, number: Fraction | None) -> None:
    assert last_number(text) == number


@given(st.integers(-(10**15), 10**15), st.integers(0, 3))
def test_numbers_are_read_back_exactly(whole: int, decimals: int) -> None:
    value = Fraction(whole, 10**decimals)
    assert last_number(f"The answer is {float(value):.{decimals}f}") == Fraction(
        f"{float(value):.{decimals}f}"
    )
    assert last_number(f"{whole:,}") == whole


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    last_number(text)


def test_a_number_is_compared_exactly_with_the_targets() -> None:
    asked = prompt("The result is 1,200.", targets=["12 hundred = 1200.0"])
    assert score("number_match", asked, "5 + 7 … so $1200") == 1.0
    assert score("number_match", asked, "1200.01") == 0.0
    assert score("number_match", asked, "no idea") == 0.0
    assert score("number_match", asked, "") == 0.0


def test_a_target_without_a_number_is_not_judged() -> None:
    assert not METRIC.facts.applies(Prompt("p", "?", target="many"))
    assert not METRIC.facts.applies(Prompt("p", "?"))
    assert METRIC.facts.applies(Prompt("p", "?", target="many, 12"))
