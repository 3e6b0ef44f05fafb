"""How often something happened in a simulation, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import binomtest

from tests.validity.markdown import table


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `n` draws with the exact 95 % interval (Clopper and Pearson 1934)."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """The share."""
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The Monte Carlo interval of the share."""
        found = binomtest(self.hits, self.n).proportion_ci(0.95)
        return float(found.low), float(found.high)

    @property
    def json(self) -> dict[str, int]:
        """For a section's figures; `Rate(**json)` reads it back."""
        return asdict(self)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.1%} ({low:.1%}–{high:.1%})"


@dataclass(frozen=True, slots=True)
class Checked:
    """A rate beside what was asked of it: between `low` and `high`.

    `chance` forgives what the Monte Carlo interval can explain; `beside` is said with it.
    """

    what: str
    rate: Rate
    low: float
    high: float
    chance: bool = False
    beside: str = ""

    @property
    def ok(self) -> bool:
        """Whether what was asked was reached."""
        low, high = self.rate.interval if self.chance else (self.rate.value, self.rate.value)
        return high >= self.low and low <= self.high

    @property
    def asked(self) -> str:
        """In words."""
        low, high = (f"{100 * limit:.3g}" for limit in (self.low, self.high))
        if self.low <= 0:
            return f"≤ {high} %"
        return f"≥ {low} %" if self.high >= 1 else f"{low}–{high} %"


def checked(fields: Mapping[str, Any]) -> Checked:
    """From JSON."""
    return Checked(**{**fields, "rate": Rate(**fields["rate"])})


def checks_table(found: Iterable[Checked], beside: str) -> str:
    """A table of them; `beside` heads the last column."""
    rows = [
        (c.what, c.asked, str(c.rate), f"{c.rate.n:,}", "✓" if c.ok else "✗", c.beside)
        for c in found
    ]
    return table(("what", "asked", "reached (95 % Monte Carlo)", "draws", "", beside), rows)
