"""`vqa_score[instrument]`: would a vision-language model say that the picture shows its prompt?

VQAScore (Lin et al. 2024) with any model that answers questions about pictures. The words put to
it are part of the metric: other words are another `version`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric, own_text
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.preference import has_words, one_number_each

QUESTION = 'Does this figure show "{}"? Please answer yes or no.'


def asked_of(prompt: Prompt) -> tuple[str, ...]:
    """The one question about a prompt's meaning."""
    return tuple(QUESTION.replace("{}", text.strip()) for text in own_text(prompt))


def refuse_no_probabilities(numbers: NDArray[np.float64]) -> None:
    """Raise UnmeasurableError for numbers outside 0…1, which another instrument gave."""
    bad = numbers[~((numbers >= 0.0) & (numbers <= 1.0))]
    if len(bad):
        raise UnmeasurableError(
            f"The instrument gave {bad[0]:.6g} where a probability of yes was expected (0…1). "
            "Name one that answers questions, such as smolvlm-500m or vqa:FOLDER."
        )


def _measure(table: OutputTable) -> NDArray[np.float64]:
    numbers = one_number_each(table, "pair")
    refuse_no_probabilities(numbers)
    return numbers


METRIC = OutputMetric(
    facts=MetricFacts(
        name="vqa_score",
        version=1,
        title="VQAScore",
        unit="probability",
        direction="higher",
        needs=frozenset({"pair"}),
        applies_to=frozenset({"picture"}),
        reads="probability",
        applies=has_words,
        asks=asked_of,
        about=About(
            measures="How sure a vision-language model is that the picture shows what its prompt "
            "says, composition included.",
            range="0…1",
            recipe=f"the model is shown the picture and asked: {QUESTION.replace('{}', 'PROMPT')} "
            "The score is P(yes) / (P(yes) + P(no)) over its first answer token, where yes and "
            "no each sum their spellings (Yes, yes, YES; with and without a space before); a "
            "prompt with checks.meaning is asked about by that",
            source="Lin et al. 2024 (arXiv:2404.01291), the question of its reference code; there "
            "the probability of Yes among all tokens is taken, which also falls when a chat model "
            "starts its answer in another way",
            limits="As good as the model that looks: small ones say yes too easily, count badly "
            "and read past small objects, so compare under one instrument only and trust "
            "differences rather than levels. A long prompt is one question, and one missing "
            "detail moves it little: `questions` asks for each.",
        ),
    ),
    measure=_measure,
)
