"""Worth against cost: every model as a dot, and the front that nothing beats in both."""

from __future__ import annotations

import altair as alt
import pandas as pd

from evalharness.app.colours import DOT, QUIET

HEIGHT = 340
WIDE = 10.0
"""Costs that span more than so many times are drawn on a logarithmic axis."""


def front_chart(
    points: pd.DataFrame,
    worth: str,
    cost: str,
    *,
    higher: bool = True,
    cheap_is_low: bool = True,
) -> alt.LayerChart:
    """Dots of `points` (model, worth, low, high, cost; bounds NaN where unknown).

    Filled and joined are models that no other one equals or beats in both. `higher` says whether
    more worth is better, `cheap_is_low` whether a lower cost is.
    """
    points = points.assign(front=_front(points, higher, cheap_is_low))
    wide = points["cost"].min() > 0 and points["cost"].max() / points["cost"].min() > WIDE
    across = alt.X(
        "cost:Q",
        title=cost,
        scale=alt.Scale(type="log" if wide else "linear", nice=True, zero=False, padding=24),
        axis=alt.Axis(format="~g", tickCount=6, gridOpacity=0.35),
    )
    room = alt.Scale(zero=False, padding=18)
    up = alt.Y("worth:Q", title=worth, scale=room, axis=alt.Axis(gridOpacity=0.35))
    base = alt.Chart(points)
    line = (
        base.transform_filter("datum.front")
        .mark_line(
            interpolate="step-after" if higher else "step-before",
            strokeDash=[4, 4],
            color=DOT,
            opacity=0.6,
        )
        .encode(x=across, y=up)
    )
    interval = (
        base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        .mark_rule(strokeWidth=2, color=DOT, opacity=0.3)
        .encode(x=across, y=alt.Y("low:Q", title=worth, scale=room), y2="high:Q")
    )
    dots = base.mark_point(size=110, color=DOT, opacity=1).encode(
        x=across,
        y=up,
        fill=alt.condition("datum.front", alt.value(DOT), alt.value("transparent")),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("worth:Q", title=worth, format=".4~g"),
            alt.Tooltip("cost:Q", title=cost, format=".4~g"),
        ],
    )
    names = (
        base.transform_filter("datum.front")
        .mark_text(align="left", dx=9, dy=-9, fontSize=12, limit=220, color=QUIET)
        .encode(x=across, y=up, text="model:N")
    )
    chart: alt.LayerChart = alt.layer(line, interval, dots, names).configure_view(strokeWidth=0)
    return chart


def _front(points: pd.DataFrame, higher: bool, cheap_is_low: bool) -> list[bool]:
    worth = points["worth"] if higher else -points["worth"]
    cost = points["cost"] if cheap_is_low else -points["cost"]
    return [
        not ((worth >= w) & (cost <= c) & ((worth > w) | (cost < c))).any()
        for w, c in zip(worth, cost, strict=True)
    ]
