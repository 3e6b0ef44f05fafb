"""Numbers as people read them: as many digits as the uncertainty allows, no more."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from evalharness.board.numbers import decimals

_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Format:
    """How the numbers of one column are written: all with the same decimals and unit.

    Shares (0..1) are written as percentages; `scale` turns the stored number into the shown one.
    """

    decimals: int
    scale: float = 1.0
    unit: str = ""

    def number(self, value: float) -> str:
        """A value without its unit, with a true minus sign."""
        text = f"{value * self.scale:,.{self.decimals}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        return text.replace("-", "−")

    def with_unit(self, value: float) -> str:
        """A value with its unit, for running text."""
        return f"{self.number(value)} {self.unit}" if self.unit else self.number(value)

    def spread(self, value: float, low: float | None, high: float | None) -> str:
        """An interval as `± half`, or as `low – high` where it is lopsided; "" if unknown."""
        if low is None or high is None:
            return ""
        below, above = value - low, high - value
        if math.isclose(below, above, rel_tol=0.02, abs_tol=1e-12):
            return f"± {self._half((high - low) / 2, value)}"
        return f"{self.number(low)} – {self.number(high)}"

    def _half(self, half: float, value: float) -> str:
        """Half an interval: 0 only for what really is 0, else at least `<` the last digit."""
        if half <= _NOISE * abs(value):
            return "0"
        least = 10.0**-self.decimals
        return (
            self.number(half) if half * self.scale >= least / 2 else f"<{least:.{self.decimals}f}"
        )


def column_format(unit: str, values: Iterable[tuple[float, float | None, float | None]]) -> Format:
    """The format of a column of (value, low, high).

    All get the decimals that the surest cell bears, but the largest value at most four
    significant digits, so that a column of very different models stays readable.
    """
    scale, shown = (100.0, "%") if unit == "share" else (1.0, unit)
    cells = list(values)
    largest = max((abs(value) for value, _, _ in cells), default=0.0)
    halves = [(high - low) / 2 for _, low, high in cells if low is not None and high is not None]
    # Numbers that are all equal leave an interval of rounding noise, which says nothing.
    surest = min((half for half in halves if half > _NOISE * largest), default=None)
    most = decimals(largest * scale, None)
    wanted = most if surest is None else decimals(largest * scale, surest * scale)
    return Format(min(wanted, most), scale, shown)


def tone(status: str) -> str:
    """Which colour a status gets: ok, held (a deliberate non-answer) or broken."""
    if status == "ok":
        return "ok"
    return "held" if status in {"refused", "filtered"} else "broken"


STATUS_WORDS = {
    "ok": "ok",
    "refused": "refused",
    "filtered": "filtered",
    "nonfinite": "not finite",
    "too_long": "prompt too long",
    "failed": "failed",
    "timeout": "timed out",
    "oom": "out of memory",
}
"""Statuses in plain words."""


def status_words(status: str) -> str:
    """A status in plain words; one that is not known here stays as it is."""
    return STATUS_WORDS.get(status, status)
