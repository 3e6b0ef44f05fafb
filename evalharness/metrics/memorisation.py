"""Do outputs copy the reference? `memorisation.*` and `mifid`.

Only a question where the reference is what the model was trained on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.measures import About, Direction, MetricFacts, SetMetric
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics import fid
from evalharness.metrics.features import (
    UnmeasurableError,
    feature_pair,
    output_and_reference,
    unit_pair,
)
from evalharness.metrics.intervals import mean_over_prompts
from evalharness.metrics.nearest import (
    ROUNDING,
    blocks,
    most_alike,
    rounding_of,
    squared_distances,
    squared_radii,
)

ALIKE = 0.95
MIFID_CUTOFF = 0.1
SMALLEST_SET = 64


def copied(outputs: ArrayLike, reference: ArrayLike, alike: float = ALIKE) -> NDArray[np.bool_]:
    """(n,): whether an output's cosine with some reference picture is at least `alike`.

    Raises UnmeasurableError for NaN, zero rows, differing d or fewer than two rows.
    """
    _, highest = most_alike(*unit_pair(outputs, reference))
    found: NDArray[np.bool_] = highest >= alike
    return found


def authentic(outputs: ArrayLike, reference: ArrayLike) -> NDArray[np.bool_]:
    """(n,): whether an output keeps its distance (Alaa et al. 2022).

    It does not where it is as close to its nearest reference picture as that one is to its own
    nearest other, or closer. Raises UnmeasurableError for NaN, differing d, fewer than two rows.
    """
    x, y = feature_pair(outputs, reference)
    centre = y.mean(axis=0)
    x, y = x - centre, y - centre
    nearest_other = squared_radii(y, 1) + rounding_of(x, y)
    found = np.empty(len(x), bool)
    for i in blocks(len(x)):
        distances = squared_distances(x[i], y)
        at = distances.argmin(axis=1)
        found[i] = distances[np.arange(len(at)), at] > nearest_other[at]
    return found


def mifid(outputs: ArrayLike, reference: ArrayLike) -> float:
    """FID over the mean of 1 − |cos| to the nearest reference picture, where that is below 0.1.

    From 0.1 on nothing counts as memorised, and it is FID (Bai et al. 2021). Raises
    UnmeasurableError as `frechet_distance`, for zero rows, and where all outputs are copies, which
    the formula divides by.
    """
    x, y = unit_pair(outputs, reference)
    _, highest = most_alike(x, np.concatenate([y, -y]))
    away = float((1.0 - highest).mean())
    if away < ROUNDING:
        raise UnmeasurableError(
            "Every output is a copy of a reference picture, for which MiFID is not defined. "
            "See memorisation.copies."
        )
    distance = fid.frechet_distance(outputs, reference)
    return distance / away if away < MIFID_CUTOFF else distance


def minimum_n(_d: int) -> int:
    """64 in any dimension: unbiased means over outputs, whose interval holds from there on.

    The rule and the simulation behind it: `reports/benchmarks.md`, minimum n.
    """
    return SMALLEST_SET


def _copies(table: SetTable) -> SetValue:
    found = copied(*output_and_reference(table))
    return mean_over_prompts(found, table.clusters, share=True)


def _authenticity(table: SetTable) -> SetValue:
    found = authentic(*output_and_reference(table))
    return mean_over_prompts(found, table.clusters, share=True)


def _similarity(table: SetTable) -> SetValue:
    _, highest = most_alike(*unit_pair(*output_and_reference(table)))
    return mean_over_prompts(highest, table.clusters)


def _mifid(table: SetTable) -> SetValue:
    outputs, reference = output_and_reference(table)
    need = fid.minimum_n(reference.shape[1])
    if len(reference) < need:
        raise UnmeasurableError(
            f"The reference has {len(reference)} pictures; MiFID with {reference.shape[1]}-"
            f"dimensional features needs at least {need}, as FID does. Add reference pictures, or "
            "use memorisation.copies."
        )
    return SetValue(mifid(outputs, reference))


LIMITS = (
    "Says something of memorisation only where the reference is what the model was trained on; "
    "a larger reference holds nearer pictures, so compare with the same one"
)


def _facts(name: str, title: str, unit: str, direction: Direction, about: About) -> MetricFacts:
    return MetricFacts(
        name=name,
        version=1,
        title=title,
        unit=unit,
        direction=direction,
        needs=frozenset({"output", "reference"}),
        applies_to=frozenset({"picture"}),
        about=about,
    )


COPIES = SetMetric(
    facts=_facts(
        "memorisation.copies",
        "Copies of the reference",
        "share",
        "lower",
        About(
            measures="How many pictures nearly repeat one of the reference.",
            range="0…1",
            recipe="share of the outputs whose cosine with some reference picture is at least "
            "0.95; interval over prompts, for this reference",
            source="the usual definition; the threshold is ours",
            limits=f"{LIMITS}; 0.95 means different things to different instruments.",
        ),
    ),
    measure=_copies,
    minimum_n=minimum_n,
)

SIMILARITY = SetMetric(
    facts=_facts(
        "memorisation.similarity",
        "Nearest of the reference",
        "",
        "lower",
        About(
            measures="How like its nearest reference picture an output is, on average.",
            range="−1…1; 1 where every output is a copy",
            recipe="mean over outputs of the highest cosine with a reference picture; interval "
            "over prompts, for this reference",
            source="the usual definition",
            limits=f"{LIMITS}; good pictures of the same things are also alike, which it does not "
            "tell from copies (memorisation.authenticity does).",
        ),
    ),
    measure=_similarity,
    minimum_n=minimum_n,
)

AUTHENTICITY = SetMetric(
    facts=_facts(
        "memorisation.authenticity",
        "Authenticity",
        "share",
        "higher",
        About(
            measures="How many pictures keep as far from the reference as its pictures do from "
            "one another.",
            range="0…1; half and more for new draws of that distribution, 0 for copies",
            recipe="share of the outputs that are farther (Euclidean) from their nearest reference "
            "picture than that one is from its nearest other; interval over prompts, for this "
            "reference",
            source="Alaa et al. 2022 (arXiv:2102.08921), as dgm-eval's AuthPct / 100",
            limits=f"{LIMITS}; bad pictures are authentic too, so read it beside a distance.",
        ),
    ),
    measure=_authenticity,
    minimum_n=minimum_n,
)

MIFID = SetMetric(
    facts=_facts(
        "mifid",
        "Fréchet distance, memorisation-informed",
        "",
        "lower",
        About(
            measures="How far the distribution of the pictures is from that of the reference, made "
            "worse where pictures copy it.",
            range="0 and up; FID, or more than ten times FID where outputs are nearly copies",
            recipe="FID ÷ mean of 1 − |cos| to the nearest reference picture where that mean is "
            "below 0.1, else FID",
            source="Bai et al. 2021 (arXiv:2106.03062); torchmetrics looks for the nearest output "
            "of every reference picture instead",
            limits=f"{LIMITS}; jumps tenfold at the cut-off, which was chosen for Inception; "
            "undefined where all outputs are copies; biased by small n as FID is.",
        ),
    ),
    measure=_mifid,
    minimum_n=fid.minimum_n,
)
