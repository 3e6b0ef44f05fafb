"""Intervals, differences and shares as small drawings: SVG with attributes, never styles."""

from __future__ import annotations

from collections.abc import Callable

from evalharness.report.markup import NOTHING, Html, element

WIDTH, HEIGHT = 120.0, 10.0
_MIDDLE = HEIGHT / 2
_MARGIN = 5.0


def whisker(value: float, low: float | None, high: float | None, ends: tuple[float, float]) -> Html:
    """A dot with its interval on the line from `ends[0]` to `ends[1]`."""
    at = _scale(*ends)
    parts = [_line(_MARGIN, WIDTH - _MARGIN, "axis")]
    if low is not None and high is not None:
        parts.append(_line(at(low), at(high), "interval"))
    return _drawing(*parts, _dot(at(value)))


def difference(value: float | None, low: float | None, high: float | None) -> Html:
    """A dot with its interval around a mark at 0, which stands in the middle; without an interval
    there is nothing to be seen from it.
    """
    if value is None or low is None or high is None:
        return NOTHING
    reach = max(abs(low), abs(high)) or 1.0
    at = _scale(-reach, reach)
    parts = [_line(_MARGIN, WIDTH - _MARGIN, "axis")]
    zero = f"{at(0.0):.1f}"
    parts.append(element("line", class_="zero", x1=zero, x2=zero, y1="0", y2=f"{HEIGHT:g}"))
    parts.append(_line(at(low), at(high), "interval"))
    return _drawing(*parts, _dot(at(value)))


def bar(share: float) -> Html:
    """A bar over this share (0…1) of the width."""
    whole = {"x": "0", "y": "2", "height": f"{HEIGHT - 4:g}", "rx": "2"}
    return _drawing(
        element("rect", class_="rest", width=f"{WIDTH:g}", **whole),
        element("rect", class_="part", width=f"{WIDTH * min(max(share, 0.0), 1.0):.1f}", **whole),
    )


def _scale(low: float, high: float) -> Callable[[float], float]:
    """Places between the margins for values between `low` and `high`."""
    unit = (WIDTH - 2 * _MARGIN) / (high - low) if high > low else 0.0
    return lambda value: _MARGIN + (value - low) * unit if unit else WIDTH / 2


def _line(start: float, end: float, kind: str) -> Html:
    y = f"{_MIDDLE:g}"
    return element("line", class_=kind, x1=f"{start:.1f}", x2=f"{end:.1f}", y1=y, y2=y)


def _dot(place: float) -> Html:
    return element("circle", class_="dot", cx=f"{place:.1f}", cy=f"{_MIDDLE:g}", r="3.5")


def _drawing(*parts: Html) -> Html:
    """Hidden from screen readers: the number stands beside it."""
    return element(
        "svg", *parts, class_="drawing", viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", aria_hidden="true"
    )
