"""Numbers as people read them: as many digits as the uncertainty supports."""

from __future__ import annotations

import math

from evalharness.board.leaderboard import Board, BoardRow, Cell, MetricColumn
from evalharness.board.paired import PairedDifference

ARROWS = {"higher": "↑", "lower": "↓"}
MISSING = "–"
_NOISE = 1e-9
"""What is smaller is left over from rounding, and would be zeros to the last digit shown."""
EXPERIMENTAL, UNVERIFIED = "‡", "†"
MARKS = {
    EXPERIMENTAL: "experimental: read its limits before its numbers",
    UNVERIFIED: "unverified: its instrument has not yet given the known values on its published "
    "weights (`evalharness selftest --weights`)",
}
"""What stands behind the name of a metric that is not to be trusted as the others are, and why."""


def decimals(value: float, half_width: float | None) -> int:
    """Decimals to show: two significant digits of the half width, or four of the value."""
    scale = half_width if half_width else abs(value)
    digits = 2 if half_width else 4
    if scale < _NOISE or not math.isfinite(scale):
        return 2
    return min(9, max(0, digits - 1 - math.floor(math.log10(scale))))


def value_text(cell: Cell) -> str:
    """`27.31 ±0.42`, `12.3 [11.0, 14.1]` for lopsided intervals, `27.31` without one."""
    if cell.value is None:
        return MISSING
    if cell.low is None or cell.high is None:
        return f"{cell.value:,.{decimals(cell.value, None)}f}"
    below, above = cell.value - cell.low, cell.high - cell.value
    places = decimals(cell.value, max(below, above))
    value = f"{cell.value:,.{places}f}"
    if round(below, places) == round(above, places):
        return f"{value} ±{above:,.{places}f}"
    return f"{value} [{cell.low:,.{places}f}, {cell.high:,.{places}f}]"


def cell_text(cell: Cell) -> str:
    """The number with what it needs beside it: `27.31 ±0.42 · n 256 · A · 2 missing`.

    A cell without a number gives its reason: `– (whole suite only)`.
    """
    if cell.value is None:
        return f"{MISSING} ({cell.reason})" if cell.reason else MISSING
    parts = [value_text(cell), f"n {cell.n}"]
    if cell.tie_group:
        parts.append(cell.tie_group)
    if cell.missing:
        parts.append(f"{cell.missing} missing")
    return " · ".join(parts)


def difference_text(pair: PairedDifference) -> str:
    """`+1.24 [+0.31, +2.17]`; the number alone without an interval, a dash without a number."""
    return between_text(pair.difference, pair.low, pair.high)


def between_text(value: float | None, low: float | None, high: float | None) -> str:
    """A signed number with its bounds, as `difference_text` writes it."""
    if value is None:
        return MISSING
    if low is None or high is None:
        return signed_text(value)
    places = decimals(value, max(high - value, value - low))
    return f"{value:+,.{places}f} [{low:+,.{places}f}, {high:+,.{places}f}]"


def number_text(value: float | None) -> str:
    """Four significant digits, or a dash."""
    return MISSING if value is None else f"{value:,.{decimals(value, None)}f}"


def signed_text(value: float) -> str:
    """Four significant digits with their sign; 0 where nothing differs."""
    return f"{value:+,.{decimals(value, None)}f}" if value else "0"


def size_text(value: float | None) -> str:
    """Two significant digits, or a dash: for sizes that are themselves only estimates."""
    return MISSING if value is None else f"{value:,.{decimals(value, value)}f}"


def p_text(p: float | None) -> str:
    """Two significant digits, `<0.001` below that, a dash where nothing was tested."""
    if p is None:
        return MISSING
    return "<0.001" if p < 0.001 else f"{min(p, 1.0):.{decimals(p, p)}f}"


def marks(column: MetricColumn) -> str:
    """`‡` for an experimental metric, `†` for one with an unverified instrument, else nothing."""
    return EXPERIMENTAL * column.experimental + UNVERIFIED * (column.verified is False)


def marks_text(board: Board) -> str:
    """What the marks on a board mean; empty where there are none."""
    used = {mark for column in board.columns for mark in marks(column)}
    told = [f"{mark} {meaning}" for mark, meaning in MARKS.items() if mark in used]
    return f"{'; '.join(told)}." if told else ""


def header_text(column: MetricColumn) -> str:
    """`clip_score[tiny-clip] ↑`, with the unit where there is one: `latency (s) ↓`.

    Its marks stand behind the name: `balance.age[tiny-clip]‡ ↓`.
    """
    unit = f" ({column.unit})" if column.unit else ""
    return f"{column.metric}{marks(column)}{unit} {ARROWS[column.direction]}"


def statuses_text(row: BoardRow) -> str:
    """`ok 254 · refused 2`, and `pending 8` for jobs that were never tried."""
    counts = dict(row.statuses)
    if row.pending:
        counts["pending"] = row.pending
    return " · ".join(f"{status} {count}" for status, count in counts.items()) or MISSING


def detectable_text(board: Board, metric: str, *, percent: bool = False) -> str:
    """A sentence on the differences of a metric too small to be seen; empty where unknown.

    Shares are told in percentage points where they stand as `percent` beside it.
    """
    found = board.detectable.get(metric)
    if found is None:
        return ""
    effect = found.difference
    unit = next((c.unit for c in board.columns if c.metric == metric), "")
    if percent and unit == "share":
        effect, unit = 100.0 * effect, "percentage points"
    number = f"{effect:,.{decimals(effect, effect)}f}" + f" {unit}" * bool(unit)
    prompts = f"{found.most:,} prompts"
    if found.fewest < found.most:
        prompts = f"the {found.fewest:,} to {found.most:,} prompts that two models have in common"
    return f"On {metric}, differences below about {number} cannot be seen with {prompts}."


def composite_text(board: Board) -> str:
    """What a board's composite is made of and in which unit; empty where it has none."""
    made = board.composite
    if made is None:
        return ""
    parts = ", ".join(
        f"{p.weight:g} × {p.column.metric} ({p.column.direction} is better, standard deviation "
        f"{number_text(p.spread)}{' ' * bool(p.column.unit)}{p.column.unit})"
        for p in made.parts
    )
    moving = "" if made.frozen else "; it may still move, as they are few"
    return (
        f"The composite is the sum of {parts}, each in its standard deviations within prompts "
        f"among {', '.join(made.founders)}, whose mean is 0{moving}."
    )
