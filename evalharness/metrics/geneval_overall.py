"""GenEval's published number: the mean of its tasks' means, `geneval_overall`."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.geneval import CORRECT
from evalharness.metrics.geneval_demands import demands

TASK = "task"


def _belongs(prompt: Prompt) -> bool:
    return TASK in prompt.tags and demands(prompt) is not None


def mean_of_tasks(by_task: list[NDArray[np.float64]]) -> SetValue:
    """The mean of the tasks' means, each an array of one value a prompt, with a 95 % t interval.

    The standard error is √(Σ s²ₜ/nₜ) / T, its degrees of freedom those of Welch (1947) and
    Satterthwaite (1946). No interval where a task has one prompt, or where nothing varies: ±0
    would be a lie.
    """
    value = float(np.mean([task.mean() for task in by_task]))
    if min(len(task) for task in by_task) < 2:
        return SetValue(value)
    parts = np.array([task.var(ddof=1) / len(task) for task in by_task])
    if not parts.any():
        return SetValue(value)
    freedom = parts.sum() ** 2 / sum(
        part**2 / (len(task) - 1) for part, task in zip(parts, by_task, strict=True)
    )
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(parts.sum()) / len(by_task)
    return SetValue(value, max(0.0, value - half), min(1.0, value + half))


def _measure(table: SetTable) -> SetValue:
    correct = CORRECT.measure(table.outputs)
    prompts: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for prompt, cluster, score in zip(table.outputs.prompts, table.clusters, correct, strict=True):
        prompts[prompt.tags[TASK]][int(cluster)].append(float(score))
    if not prompts:
        raise UnmeasurableError("No prompt has a tag task. Import GenEval's prompts anew.")
    means = [np.array([np.mean(s) for s in task.values()]) for task in prompts.values()]
    return mean_of_tasks(means)


OVERALL = SetMetric(
    facts=MetricFacts(
        name="geneval_overall",
        version=2,
        title="GenEval: overall",
        unit="share of pictures",
        direction="higher",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        reads="objects",
        applies=_belongs,
        about=About(
            measures="GenEval's headline: how often everything asked is right, each task alike.",
            range="0…1",
            recipe="mean over tasks (tag task) of the mean over prompts of geneval.correct, with "
            "a 95 % t interval over prompts within tasks",
            source=CORRECT.facts.about.source,
            limits="Comparable with published numbers only for all 553 prompts, four pictures "
            "each and the published detector (Mask2Former, with CLIP for colours); newer models "
            "pass what its detector cannot see.",
        ),
    ),
    measure=_measure,
    minimum_n=lambda _d: 1,
)
