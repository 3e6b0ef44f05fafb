"""Do 95 % intervals hold the truth in 95 % of cases, and do tests err as rarely as they say?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tests.validity import means, painted, set_intervals
from tests.validity.rates import checked, checks_table

PARTS = {
    "means": means.coverage,
    "errors": means.errors,
    "power": means.power,
    "kernels": set_intervals.kernels,
    "frechet": set_intervals.frechet,
    "painted": painted.painted,
}


def measure() -> dict[str, Any]:
    """Every part, as a list of checks."""
    return {name: [asdict(one) for one in part()] for name, part in PARTS.items()}


def lines(figures: Mapping[str, Any]) -> list[str]:
    """The section in Markdown."""
    parts = {name: [checked(fields) for fields in found] for name, found in figures.items()}
    every = [one for found in parts.values() for one in found]
    return [
        "## Intervals and tests\n",
        "Scores and features are drawn with a part of the prompt, a part of what a model makes of "
        "it and a part of the seed, so that pictures of one prompt are alike (intraclass "
        "correlation .5), and the board's own functions judge them. What was asked stood in "
        "`tests/validity` before the first run.\n",
        f"**{sum(one.ok for one in every)} of {len(every)} within what was asked.**\n",
        "### Means and paired differences\n",
        "Coverage of nominal 95 % intervals, beside that of intervals which count pictures as "
        "independent: the reason why the prompt is the sampling unit.\n",
        checks_table(parts["means"], "pictures as independent"),
        "### Two equal models told apart\n",
        checks_table(parts["errors"], ""),
        "### Power at the computed number of prompts (asked for: 80 %)\n",
        checks_table(parts["power"], ""),
        "### KID and CMMD\n",
        "KID's interval, as boards show it, of the true distance between distributions; intervals "
        "of paired differences hold the true difference to the reference as it is. Where the "
        "model is as the reference the interval is wide by design.\n",
        checks_table(parts["kernels"], "pictures as independent"),
        "### FID\n",
        "Only from the size on at which differences are shown (n ≥ max(256, 5 d)).\n",
        checks_table(parts["frechet"], ""),
        "### Through a real store\n",
        f"{painted.PAINTERS} painters with programmed rates, {painted.SEEDS} seeds of 64 prompts, "
        "through the ordinary pipeline to the board and to `compare`; the truth is what was "
        "programmed.\n",
        checks_table(parts["painted"], ""),
    ]
