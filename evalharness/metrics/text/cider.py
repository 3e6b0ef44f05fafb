"""Captions by rare n-grams: `cider`, CIDEr-D with the suite's own references."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import regex
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts
from evalharness.core.tables import PromptValues, SetTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.intervals import prompt_means
from evalharness.metrics.pooled import metric_by_prompt
from evalharness.metrics.text.answers import TEXT, accepted, expects, readable

Grams: TypeAlias = Counter[tuple[str, ...]]

LONGEST_GRAM: Final = 4
SPREAD: Final = 6.0
"""σ of the penalty for differing lengths, in words."""
_WORD: Final = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)?")


def caption_words(text: str) -> list[str]:
    """Words in lower case, without punctuation."""
    return _WORD.findall(text.lower())


def grams(words: Sequence[str]) -> Grams:
    """1- to 4-grams with their counts."""
    found: Grams = Counter()
    for n in range(1, LONGEST_GRAM + 1):
        found.update(zip(*(words[i:] for i in range(n)), strict=False))
    return found


class _Weights:
    """How rare an n-gram is: ln(pictures) − ln(pictures whose references have it)."""

    def __init__(self, references: Sequence[Sequence[Grams]]) -> None:
        holding: Counter[tuple[str, ...]] = Counter()
        for of_picture in references:
            holding.update({gram for one in of_picture for gram in one})
        self._log_pictures = math.log(len(references))
        self._log_holding = {gram: math.log(number) for gram, number in holding.items()}

    def vector(self, counted: Grams) -> tuple[list[dict[tuple[str, ...], float]], list[float]]:
        """Per length of n-gram: weight times count of each, and the length of that vector."""
        vectors: list[dict[tuple[str, ...], float]] = [{} for _ in range(LONGEST_GRAM)]
        for gram, number in counted.items():
            rarity = self._log_pictures - self._log_holding.get(gram, 0.0)
            vectors[len(gram) - 1][gram] = number * rarity
        norms = [math.sqrt(sum(v * v for v in vector.values())) for vector in vectors]
        return vectors, norms


def cider(answers: Sequence[str], references: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """CIDEr-D (n,) of each answer against its references, in 0…10.

    `references[i]` are those of answer i; equal tuples count as one picture. Raises
    UnmeasurableError for fewer than two pictures: every n-gram would be in all of them.
    """
    pictures = list(dict.fromkeys(tuple(one) for one in references))
    if len(pictures) < 2:
        raise UnmeasurableError(
            "CIDEr tells rare words by the references of other pictures; there is only one."
        )
    counted = {picture: [grams(caption_words(one)) for one in picture] for picture in pictures}
    weights = _Weights(list(counted.values()))
    seen = {picture: [weights.vector(one) for one in of] for picture, of in counted.items()}
    scores = np.zeros(len(answers))
    for i, (answer, of) in enumerate(zip(answers, references, strict=True)):
        words = caption_words(answer)
        vectors, norms = weights.vector(grams(words))
        total = 0.0
        for (others, other_norms), reference in zip(
            seen[tuple(of)], counted[tuple(of)], strict=True
        ):
            length = sum(number for gram, number in reference.items() if len(gram) == 1)
            penalty = math.exp(-((len(words) - length) ** 2) / (2.0 * SPREAD**2))
            total += penalty * sum(
                _clipped(vector, other) / (norm * other_norm)
                for vector, norm, other, other_norm in zip(
                    vectors, norms, others, other_norms, strict=True
                )
                if norm > 0.0 and other_norm > 0.0
            )
        scores[i] = 10.0 * total / LONGEST_GRAM / len(of)
    return scores


def _clipped(one: dict[tuple[str, ...], float], other: dict[tuple[str, ...], float]) -> float:
    return sum(
        min(value, other[gram]) * other[gram] for gram, value in one.items() if gram in other
    )


def _by_prompt(table: SetTable) -> PromptValues:
    answers = [readable(text or "") for text in table.outputs.texts]
    references = [accepted(prompt) for prompt in table.outputs.prompts]
    return prompt_means(cider(answers, references), table.clusters)


METRIC = metric_by_prompt(
    MetricFacts(
        name="cider",
        version=1,
        title="CIDEr-D",
        unit="",
        direction="higher",
        needs=frozenset(),
        applies_to=TEXT,
        applies=expects,
        about=About(
            measures="How far a caption says what people say of this picture and of few others.",
            range="0…10; published numbers are often multiplied by 10",
            recipe="mean over references of the cosine of tf-idf vectors of 1- to 4-grams, clipped "
            "by the reference, times exp(−Δlength² / 72), averaged over n and times 10; rarity is "
            "that in the references of the set's own prompts",
            source="Vedantam et al. 2015 (arXiv:1411.5726), CIDEr-D as in pycocoevalcap",
            limits="Needs many pictures with several references each; differs from published "
            "numbers by the words' splitting (no Java tokenizer) and by the set's own rarity.",
        ),
    ),
    _by_prompt,
    minimum_n=2,
    any_size=False,
)
"""A word is rarer among more pictures: the same answers have another number in another set."""
