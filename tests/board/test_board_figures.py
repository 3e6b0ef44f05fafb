from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.board.figures import Format, column_format, status_words, tone
from evalharness.core.outcomes import Status

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6))


@given(value=numbers, half=st.floats(1e-5, 1e5), unit=st.sampled_from(["", "s", "share"]))
def test_a_shown_number_is_the_number_to_its_last_digit(
    value: float, half: float, unit: str
) -> None:
    shown = column_format(unit, [(value, value - half, value + half)])
    read = float(shown.number(value).replace(",", "").replace("−", "-"))
    assert abs(read - value * shown.scale) <= 0.5001 * 10.0**-shown.decimals


@pytest.mark.parametrize(
    ("unit", "cells", "expected"),
    [
        ("", [(0.3125, 0.30, 0.325)], ("0.312", "± 0.013")),
        ("s", [(12.0, None, None)], ("12.00", "")),
        ("share", [(0.5, 0.25, 0.75)], ("50", "± 25")),
        ("share", [(1.0, 0.5, 1.0)], ("100", "50 – 100")),
        ("GiB", [(0.3, 0.3, 0.3 + 1e-17)], ("0.3000", "± 0")),
        ("", [(-0.00001, -0.5, 0.5)], ("0.00", "± 0.50")),
    ],
)
def test_numbers_with_their_intervals(
    unit: str,
    cells: list[tuple[float, float | None, float | None]],
    expected: tuple[str, str],
) -> None:
    shown = column_format(unit, cells)
    assert (shown.number(cells[0][0]), shown.spread(*cells[0])) == expected


def test_a_column_of_very_different_models_keeps_four_digits() -> None:
    shown = column_format("s", [(0.021, 0.0207, 0.0213), (0.9358, 0.92, 0.95)])
    assert [shown.number(0.021), shown.number(0.9358)] == ["0.0210", "0.9358"]


def test_an_interval_below_the_last_digit_is_not_called_zero() -> None:
    assert Format(1).spread(12.0, 11.999, 12.001) == "± <0.1"


@given(value=st.floats(-1e9, 1e9))
def test_numbers_look_like_numbers(value: float) -> None:
    assert re.fullmatch(r"−?[\d,]+(\.\d+)?", Format(2).number(value))


def test_every_status_has_words_and_a_colour() -> None:
    assert {tone(status) for status in Status} == {"ok", "held", "broken"}
    assert all(status_words(status) for status in Status)
    assert [s for s in Status if tone(s) == "held"] == [Status.REFUSED, Status.FILTERED]
    assert status_words("melted") == "melted"
