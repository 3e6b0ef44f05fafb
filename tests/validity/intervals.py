"""Do 95 % intervals hold the truth in 95 % of cases, and do tests err as rarely as they say?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

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
    """The section in Markdown; parts that were not measured are left out."""
    parts = {name: [checked(fields) for fields in found] for name, found in figures.items()}
    every = [one for found in parts.values() for one in found]
    why = yaml.safe_load(Path(__file__).with_name("explained_statistics.yaml").read_text("utf-8"))
    page = [
        "## Intervals and tests\n",
        "Scores and features are drawn with a part of the prompt, a part of what a model makes of "
        "it and a part of the seed, so that pictures of one prompt are alike (intraclass "
        "correlation .5), and the board's own functions judge them. What was asked stood in "
        "`tests/validity` before the first run; where it was not reached, what was learnt was "
        "written afterwards (`explained_statistics.yaml`).\n",
        f"**{sum(one.ok for one in every)} of {len(every)} within what was asked.**\n",
    ]
    for name, found in parts.items():
        title, said, beside = _SAID[name]
        page += [f"### {title}\n", *([f"{said}\n"] if said else []), checks_table(found, beside)]
        page += [f"- {' '.join(text.split())}" for text in why.get(name, ())] + [""]
    return page


_SAID = {
    "means": (
        "Means and paired differences",
        "Coverage of nominal 95 % intervals, beside that of intervals which count pictures as "
        "independent: the reason why the prompt is the sampling unit.",
        "pictures as independent",
    ),
    "errors": ("Two equal models told apart", "", ""),
    "power": ("Power at the number of prompts computed for 80 %", "", ""),
    "kernels": (
        "KID and CMMD",
        "KID's interval, as boards show it, of the true distance between distributions; intervals "
        "of paired differences hold the true difference to the reference as it is.",
        "pictures as independent",
    ),
    "frechet": (
        "FID",
        "Only from the size on at which differences are shown (n ≥ max(256, 5 d)).",
        "",
    ),
    "painted": (
        "Through a real store",
        f"{painted.PAINTERS} painters with programmed rates, {painted.SEEDS} seeds of 64 prompts, "
        "through the ordinary pipeline to the board and to `compare`; the truth is what was "
        "programmed.",
        "",
    ),
}
"""Of each part: its title, what it shows, and what stands in the last column."""
