"""Worth against cost: every model as a dot, and the front that nothing beats in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalharness.app.pieces import Payload
from evalharness.core.nouns import Json

WIDE = 10.0
"""Costs that span more than so many times are drawn on a logarithmic axis."""


@dataclass(frozen=True, slots=True)
class Point:
    """A model with both numbers; `low` and `high` bound its worth where that is known.

    `said` is what is read aloud of it, `link` where a press leads (see `links.target`).
    """

    title: str
    worth: float
    cost: float
    low: float | None
    high: float | None
    said: str
    link: Json


def front_payload(
    points: Sequence[Point],
    worth: str,
    cost: str,
    alt: str,
    *,
    higher: bool = True,
    cheap_is_low: bool = True,
) -> Payload:
    """What `pieces.front_plot` draws of one point or more; `worth` and `cost` name the axes.

    `higher` says whether more worth is better, `cheap_is_low` whether a lower cost is.
    """
    costs = [point.cost for point in points]
    ahead = front(points, higher=higher, cheap_is_low=cheap_is_low)
    drawn: list[Json] = [
        {
            "title": point.title,
            "worth": point.worth,
            "cost": point.cost,
            "low": point.low,
            "high": point.high,
            "said": point.said,
            "link": point.link,
            "front": on_front,
        }
        for point, on_front in zip(points, ahead, strict=True)
    ]
    return {
        "alt": alt,
        "worth": worth,
        "cost": cost,
        "log": min(costs) > 0 and max(costs) / min(costs) > WIDE,
        "lowIsCheap": cheap_is_low,
        "points": drawn,
    }


def front(points: Sequence[Point], *, higher: bool, cheap_is_low: bool) -> list[bool]:
    """Of each point, whether no other one is at least as good in both and better in one."""
    placed = [
        (p.worth if higher else -p.worth, -p.cost if cheap_is_low else p.cost) for p in points
    ]
    return [
        not any(w >= worth and c >= cost and (w > worth or c > cost) for w, c in placed)
        for worth, cost in placed
    ]
