"""One metric as dots with whiskers: where each model stands, and how sure that is."""

from __future__ import annotations

import altair as alt
import pandas as pd

from evalharness.app.colours import DOT

ROW_HEIGHT = 38
"""Pixels a model takes on the chart."""

AXIS_HEIGHT = 40
"""Pixels the axis below takes."""


def _across(field: str) -> alt.X:
    """Both layers need the whole description, or the later one's default wins."""
    scale = alt.Scale(zero=False, nice=True, padding=18)
    return alt.X(field, title=None, scale=scale, axis=alt.Axis(format=",.4~g"))


def whisker_chart(points: pd.DataFrame, top_down: list[str]) -> alt.LayerChart:
    """A horizontal dot-and-whisker chart.

    `points` has the columns model, value, low, high (NaN where no interval is known), n and
    standing; `top_down` lists the models from the top row to the bottom one.
    """
    down = alt.Y(
        "model:N",
        sort=top_down,
        title=None,
        axis=alt.Axis(
            labelLimit=240,
            labelFontSize=14,
            labelPadding=12,
            labelOverlap=False,
            labelFlush=False,
            ticks=False,
            domain=False,
        ),
    )
    base = alt.Chart(points)
    shown = [
        alt.Tooltip("model:N", title="Model"),
        alt.Tooltip("value:Q", title="Mean", format=".4~g"),
        alt.Tooltip("low:Q", title="95 % from", format=".4~g"),
        alt.Tooltip("high:Q", title="to", format=".4~g"),
        alt.Tooltip("n:Q", title="n"),
        alt.Tooltip("standing:N", title="Standing"),
    ]
    interval = (
        base.transform_filter("isValid(datum.low) && isValid(datum.high)")
        .mark_rule(strokeWidth=3, strokeCap="round", color=DOT, opacity=0.4)
        .encode(x=_across("low:Q"), x2="high:Q", y=down)
    )
    dots = base.mark_point(filled=True, size=110, color=DOT, opacity=1).encode(
        x=_across("value:Q"), y=down, tooltip=shown
    )
    chart: alt.LayerChart = (
        alt.layer(interval, dots)
        .configure_axisX(grid=True, tickCount=8, gridOpacity=0.35, labelFontSize=12)
        .configure_view(strokeWidth=0)
    )
    return chart


def chart_height(points: pd.DataFrame) -> int:
    """The height in pixels at which every row of the chart has room."""
    return max(2, len(points)) * ROW_HEIGHT + AXIS_HEIGHT
