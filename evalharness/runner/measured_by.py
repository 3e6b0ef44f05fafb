"""What measures in a suite, found before anything is generated: a gate refuses to compare with
numbers of other instruments.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evalharness.catalog.metrics import expand_metrics
from evalharness.core.baseline import MeasuredBy
from evalharness.core.errors import MissingWeightsError
from evalharness.ledger.store import Store
from evalharness.runner.asked import Question
from evalharness.runner.known import Known
from evalharness.runner.looking import find_sights
from evalharness.runner.measure import recipe


def measured_by(store: Path, question: Question) -> MeasuredBy:
    """The recipes of a question's metrics, with their instruments and its reference, as they are.

    Raises MissingWeightsError where one of them cannot be had.
    """
    known = Known(Store.create(store))
    plan = replace(question, models=()).plan(known, generating=False)
    known.close()
    sights = find_sights([plan])
    if sights.problems:
        told = "; ".join(f"{name}: {reason}" for name, reason in sights.problems.items())
        raise MissingWeightsError(f"What measures is not all there: {told}")
    reference = sights.references.get(plan.digest)
    return MeasuredBy(
        recipes={
            choice.name: recipe(choice, sights.look(choice))
            for choice in expand_metrics(question.suite.metrics)
        },
        instruments={name: look.recipe() for name, look in sights.looks.items()},
        reference=None if reference is None else reference.digest,
    )
