"""The metrics `precision_recall.*` and `prdc.*`; what they count: `neighbourhoods`."""

from __future__ import annotations

from collections.abc import Callable

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import output_and_reference
from evalharness.metrics.intervals import mean_over_prompts
from evalharness.metrics.neighbourhoods import (
    PRDC,
    PRECISION_RECALL,
    Convention,
    Neighbourhoods,
    known_neighbourhoods,
)

SMALLEST_SET = 256
SMALLEST_FOR_DENSITY = 512
KYNKAANNIEMI = "Kynkäänniemi et al. 2019 (arXiv:1904.06991), as torch-fidelity has it"
NAEEM = "Naeem et al. 2020 (arXiv:2002.09797), as the prdc package has it"
BALLS = {
    PRECISION_RECALL: "balls reach to the 3rd nearest neighbour, the edge is inside (≤)",
    PRDC: "balls reach to the 5th nearest neighbour, the edge is outside (<)",
}

Reading = Callable[[Neighbourhoods, SetTable], SetValue]


def minimum_n(_d: int) -> int:
    """256 in any dimension, where the shares of equal draws vary (sd) by at most 0.05.

    Density, which is no share, takes 512 to vary by at most 0.1.

    The rule and the simulation behind it: `reports/benchmarks.md`, minimum n.
    """
    return SMALLEST_SET


def _precision(found: Neighbourhoods, table: SetTable) -> SetValue:
    return mean_over_prompts(found.balls_around > 0, table.clusters, share=True)


def _density(found: Neighbourhoods, table: SetTable) -> SetValue:
    return mean_over_prompts(found.balls_around / found.k, table.clusters)


def _recall(found: Neighbourhoods, _table: SetTable) -> SetValue:
    return SetValue(found.recall)


def _coverage(found: Neighbourhoods, _table: SetTable) -> SetValue:
    return SetValue(found.coverage)


def _metric(
    name: str, title: str, unit: str, convention: Convention, read: Reading, about: About
) -> SetMetric:
    def measure(table: SetTable) -> SetValue:
        return read(known_neighbourhoods(*output_and_reference(table), convention), table)

    facts = MetricFacts(
        name=name,
        version=1,
        title=title,
        unit=unit,
        direction="higher",
        needs=frozenset({"output", "reference"}),
        applies_to=frozenset({"picture"}),
        default_instrument="inception",
        about=about,
    )
    least = minimum_n if read is not _density else lambda _d: SMALLEST_FOR_DENSITY
    return SetMetric(facts=facts, measure=measure, minimum_n=least)


def _about_precision(convention: Convention, source: str) -> About:
    return About(
        measures="How many of the pictures could be from the reference.",
        range="0…1",
        recipe=f"share of the outputs inside a ball of a reference picture; {BALLS[convention]}; "
        "interval over prompts, for this reference",
        source=source,
        limits="One odd reference picture with a wide ball lets anything pass; depends on n, so "
        "compare equal n; blind to what is missing (recall, coverage see that).",
    )


def _about_recall(convention: Convention, source: str) -> About:
    return About(
        measures="How much of the reference's variety the pictures have.",
        range="0…1",
        recipe=f"share of the reference inside a ball of an output; {BALLS[convention]}",
        source=source,
        limits="Odd outputs have wide balls, so that noise can raise it; seeds of one prompt are "
        "each other's neighbours and keep the balls small, so mistakes can raise it too: ask many "
        "prompts with few seeds; depends on n, so compare equal n; no interval is known.",
    )


PRECISION = _metric(
    "precision_recall.precision",
    "Precision (k = 3, ≤)",
    "share",
    PRECISION_RECALL,
    _precision,
    _about_precision(PRECISION_RECALL, KYNKAANNIEMI),
)
RECALL = _metric(
    "precision_recall.recall",
    "Recall (k = 3, ≤)",
    "share",
    PRECISION_RECALL,
    _recall,
    _about_recall(PRECISION_RECALL, KYNKAANNIEMI),
)
PRDC_PRECISION = _metric(
    "prdc.precision",
    "Precision (k = 5, <)",
    "share",
    PRDC,
    _precision,
    _about_precision(PRDC, NAEEM),
)
PRDC_RECALL = _metric(
    "prdc.recall", "Recall (k = 5, <)", "share", PRDC, _recall, _about_recall(PRDC, NAEEM)
)
PRDC_DENSITY = _metric(
    "prdc.density",
    "Density (k = 5, <)",
    "",
    PRDC,
    _density,
    About(
        measures="How deep among the reference the pictures lie.",
        range="0 and up; about 1 for equal distributions, more where outputs crowd its middle",
        recipe=f"reference balls an output lies in, over k, on average; {BALLS[PRDC]}; interval "
        "over prompts, for this reference",
        source=NAEEM,
        limits="Rewards the reference's most usual pictures; not a share; compare equal sizes of "
        "the reference.",
    ),
)
PRDC_COVERAGE = _metric(
    "prdc.coverage",
    "Coverage (k = 5, <)",
    "share",
    PRDC,
    _coverage,
    About(
        measures="How much of the reference has an output near it.",
        range="0…1; about 1 − 2⁻ᵏ = 0.97 for equal distributions and sizes",
        recipe=f"share of the reference whose ball holds an output; {BALLS[PRDC]}",
        source=NAEEM,
        limits="Grows with the number of outputs, so compare equal n; several seeds of few prompts "
        "reach less than as many prompts, so mistakes can raise it; no interval is known.",
    ),
)
