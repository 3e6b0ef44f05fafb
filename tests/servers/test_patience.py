from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.servers.patience import Patience, retry_after_s

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@given(st.integers(0, 10**9 - 1))
def test_seconds_are_seconds(seconds: int) -> None:
    assert retry_after_s(f" {seconds} ", NOW) == seconds


@given(st.integers(-(10**6), 10**6))
def test_a_date_is_the_time_until_then(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after_s(date, NOW) == max(0, seconds)


@pytest.mark.parametrize(
    "date",
    [
        "Wed, 25 Nov 2026 12:00:10 GMT",
        "Wednesday, 25-Nov-26 12:00:10 GMT",
        "Wed Nov 25 12:00:10 2026",
    ],
)
def test_all_three_forms_of_dates_are_read(date: str) -> None:
    assert retry_after_s(date, NOW) == 10


@given(st.text())
def test_any_header_is_seconds_or_nothing(header: str) -> None:
    found = retry_after_s(header, NOW)
    assert found is None or found >= 0


@pytest.mark.parametrize("header", [None, "", "soon", "-1", "1e9", "nan", "10000000000", "٣"])
def test_what_says_nothing_is_nothing(header: str | None) -> None:
    assert retry_after_s(header, NOW) is None


@given(st.integers(1, 10**6))
def test_waits_double_up_to_the_longest(failures: int) -> None:
    patience = Patience(first_s=0.5, longest_s=60)
    whole = min(60.0, 0.5 * 2.0 ** min(failures - 1, 30))
    assert whole / 2 <= patience.wait_s(failures, None) <= whole


@given(st.integers(1, 100), st.floats(0, 1e9))
def test_never_sooner_than_the_server_asked(failures: int, asked: float) -> None:
    wait = Patience().wait_s(failures, asked)
    assert asked <= wait <= asked + 1
