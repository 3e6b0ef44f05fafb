"""What measures in a suite, found before anything is generated: a gate refuses to compare with
numbers of other instruments.
"""

from __future__ import annotations

from pathlib import Path

from evalharness.catalog.metrics import expand_metrics
from evalharness.core.baseline import MeasuredBy
from evalharness.core.errors import MissingWeightsError
from evalharness.core.keys import suite_digest
from evalharness.core.nouns import Suite
from evalharness.runner.looking import find_sights
from evalharness.runner.measure import recipe
from evalharness.runner.plan import SuitePlan


def measured_by(suite: Suite, base: Path, *, executing: bool) -> MeasuredBy:
    """The recipes of a suite's metrics, with their instruments and its reference, as they are now.

    `base` is the folder that a relative reference path starts from. Raises MissingWeightsError
    where one of them cannot be had; so is an instrument that runs what models wrote, unless
    `executing` allows that.
    """
    metrics = expand_metrics(suite.metrics)
    plan = SuitePlan(suite, suite_digest(suite), base, metrics, (), {})
    sights = find_sights([plan], executing=executing)
    if sights.problems:
        told = "; ".join(f"{name}: {reason}" for name, reason in sights.problems.items())
        raise MissingWeightsError(f"What measures is not all there: {told}")
    reference = sights.references.get(plan.digest)
    return MeasuredBy(
        recipes={choice.name: recipe(choice, sights.look(choice)) for choice in metrics},
        instruments={name: look.recipe() for name, look in sights.looks.items()},
        reference=None if reference is None else reference.digest,
    )
