"""How different are the answers to one prompt? `seed_diversity[instrument]`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.measures import About, MetricFacts
from evalharness.core.tables import PromptValues, SetTable
from evalharness.metrics.features import UnmeasurableError, output_vectors, unit_rows
from evalharness.metrics.intervals import prompt_means
from evalharness.metrics.pooled import metric_by_prompt


def mean_distances(
    features: ArrayLike, clusters: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The prompts with at least two outputs, and the mean of 1 − cos over their pairs, 0…2.

    `clusters` (n,) names the prompt of each row of features (n, d). Raises UnmeasurableError for
    NaN, zero rows, and where no prompt has two outputs.
    """
    x = unit_rows(features, "the outputs")
    names, prompt, size = np.unique(clusters, return_inverse=True, return_counts=True)
    sums = np.zeros((len(names), x.shape[1]))
    np.add.at(sums, prompt, x)
    several = size > 1
    if not several.any():
        raise UnmeasurableError(
            "No prompt has two outputs, so there are no seeds to compare. Add seeds to the suite."
        )
    k = size[several]
    # |Σu|² = k + Σ cos over ordered pairs, for rows of unit length
    cosine = (np.square(sums[several]).sum(axis=1) - k) / (k * (k - 1))
    return names[several], np.clip(1.0 - cosine, 0.0, 2.0)


def _by_prompt(table: SetTable) -> PromptValues:
    prompts, distances = mean_distances(output_vectors(table), table.clusters)
    return prompt_means(distances, prompts)


METRIC = metric_by_prompt(
    MetricFacts(
        name="seed_diversity",
        version=1,
        title="Diversity over seeds",
        unit="",
        direction="higher",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        about=About(
            measures="How different the pictures are that a model makes of one prompt.",
            range="0 (all seeds alike) to 2; above 1 is rare",
            recipe="mean over prompts of the mean of 1 − cos over all pairs of a prompt's outputs; "
            "prompts with one output are left out; t interval over prompts from 10 prompts on",
            source="the usual definition, as OneIG-Bench's diversity with another distance "
            "(arXiv:2506.07977)",
            limits="Blind to quality: broken pictures are diverse; not comparable between "
            "instruments.",
        ),
    ),
    _by_prompt,
    minimum_n=2,
)
"""Unbiased from two outputs of a prompt on, hence shown; the interval says how sure it is."""
