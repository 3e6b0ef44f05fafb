from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from evalharness.app.fronts import Point, front, front_payload

numbers = st.integers(-5, 5).map(float)


def points(*pairs: tuple[float, float]) -> list[Point]:
    return [Point(f"m{i}", *pair, None, None, "", {}) for i, pair in enumerate(pairs)]


def drawn(*pairs: tuple[float, float]) -> dict[str, Any]:
    return front_payload(points(*pairs), "worth", "cost", "alt")


def test_what_another_beats_in_one_and_equals_in_the_other_is_not_on_the_front() -> None:
    placed = points((1, 1), (2, 1), (2, 2), (3, 5))
    assert front(placed, higher=True, cheap_is_low=True) == [False, True, False, True]
    assert front(placed, higher=False, cheap_is_low=True) == [True, False, False, False]
    assert front(placed, higher=True, cheap_is_low=False) == [False, False, False, True]


def test_equals_share_the_front() -> None:
    assert front(points((1, 1), (1, 1)), higher=True, cheap_is_low=True) == [True, True]


@given(st.lists(st.tuples(numbers, numbers), min_size=1), st.booleans(), st.booleans())
def test_everything_off_the_front_is_beaten_by_something_on_it(
    pairs: list[tuple[float, float]], higher: bool, low: bool
) -> None:
    placed = points(*pairs)
    on = front(placed, higher=higher, cheap_is_low=low)
    worth = 1 if higher else -1
    price = -1 if low else 1
    best = [(p.worth * worth, p.cost * price) for p, yes in zip(placed, on, strict=True) if yes]
    for point, yes in zip(placed, on, strict=True):
        own = (point.worth * worth, point.cost * price)
        beaten = any(w >= own[0] and c >= own[1] and (w, c) != own for w, c in best)
        assert beaten is not yes


def test_costs_far_apart_are_drawn_on_a_logarithmic_axis() -> None:
    assert drawn((1, 0.1), (2, 1.1))["log"] is True
    assert drawn((1, 0.1), (2, 1.0))["log"] is False
    assert drawn((1, 0.0), (2, 100.0))["log"] is False
    assert drawn((1, 3.0))["log"] is False
