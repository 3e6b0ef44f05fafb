"""How near texts are in meaning, by the vectors of a sentence-embedding model.

`semantic_similarity[instrument]` of an answer with the expected one, and
`answer_diversity[instrument]` of the answers to one prompt with each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable, PromptValues, SetTable
from evalharness.metrics.features import directions, output_vectors
from evalharness.metrics.intervals import prompt_means
from evalharness.metrics.pooled import metric_by_prompt
from evalharness.metrics.seed_diversity import mean_distances
from evalharness.metrics.text.answers import TEXT, accepted, expects

_LIMITS = (
    "As good as the model that reads: it blurs negation, numbers and names, and reads no further "
    "than its context (the rest of a longer text counts for nothing). Unlike texts come to "
    "anything from 0 to 0.8, depending on the model, so compare under one instrument only and "
    "trust differences rather than levels."
)


def _means_something(prompt: Prompt) -> bool:
    return expects(prompt) and any(text.strip() for text in accepted(prompt))


def _targets(prompt: Prompt) -> tuple[str, ...]:
    return tuple(text for text in accepted(prompt) if text.strip())


def best_cosine(
    answers: NDArray[np.float32], targets: NDArray[np.float32], of: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n,) in -1…1: the highest cosine of each answer (n, d) with its targets (m, d).

    `of` (m,), ascending, says whose each target is; every answer has one. Raises
    UnmeasurableError for vectors that are zero, NaN or infinite.
    """
    left = directions(answers, "the answers")
    right = directions(targets, "the expected answers")
    cosines = np.einsum("md,md->m", left[of], right)
    starts = of.searchsorted(np.arange(len(answers)))
    best: NDArray[np.float64] = np.maximum.reduceat(cosines, starts)
    return np.clip(best, -1.0, 1.0)


def _similarity(table: OutputTable) -> NDArray[np.float64]:
    answers, targets = table.seen["output"], table.seen["prompt"]
    found = best_cosine(answers.each_vector(), targets.each_vector(), targets.of)
    said = np.array([bool((text or "").strip()) for text in table.texts])
    return np.where(said, found, 0.0)


def _diversity(table: SetTable) -> PromptValues:
    prompts, distances = mean_distances(output_vectors(table), table.clusters)
    return prompt_means(distances, prompts)


SIMILARITY = OutputMetric(
    facts=MetricFacts(
        name="semantic_similarity",
        version=1,
        title="Similarity in meaning",
        unit="cosine",
        direction="higher",
        needs=frozenset({"output", "prompt"}),
        applies_to=TEXT,
        applies=_means_something,
        asks=_targets,
        about=About(
            measures="How near an answer is in meaning to the expected one, whatever its words.",
            range="-1…1",
            recipe="cosine of the vectors of the answer and of an expected one, the best of the "
            "target and checks.targets; 0 for an answer without a word",
            source="Reimers and Gurevych 2019 (Sentence-BERT, arXiv:1908.10084)",
            limits=f"Near is not right: the opposite of a target is often near it. {_LIMITS}",
        ),
    ),
    measure=_similarity,
)

DIVERSITY = metric_by_prompt(
    MetricFacts(
        name="answer_diversity",
        version=1,
        title="Diversity of answers",
        unit="",
        direction="higher",
        needs=frozenset({"output"}),
        applies_to=TEXT,
        about=About(
            measures="How different in meaning the answers are that a model gives to one prompt.",
            range="0 (all seeds alike) to 2; above 1 is rare",
            recipe="mean over prompts of the mean of 1 − cos over all pairs of a prompt's answers; "
            "prompts with one answer are left out; t interval over prompts from 10 prompts on",
            source="the usual definition, as in Tevet and Berant 2021 (arXiv:2004.02990), cos-sim "
            "of Sentence-BERT",
            limits=f"Blind to quality: nonsense is diverse. A greedy model has none. {_LIMITS}",
        ),
    ),
    _diversity,
    minimum_n=2,
)
"""Unbiased from two answers to a prompt on, hence shown; the interval says how sure it is."""
