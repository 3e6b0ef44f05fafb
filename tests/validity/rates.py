"""How often something happened in a simulation, and how sure that is."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from scipy.stats import binomtest


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
