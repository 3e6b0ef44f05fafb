"""How surprised a model is by a text: perplexity by token, word and byte, and bits per byte.

Prompts carry one continuation, the text. Pooled numbers weigh every token (word, byte) alike,
`perplexity.bits_per_byte` every text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from evalharness.core.measures import About, OutputMetric, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Likelihood, Likelihoods
from evalharness.core.tables import PromptValues, SetTable
from evalharness.metrics.pooled import metric_by_prompt, pooled
from evalharness.metrics.text.likelihoods import (
    bytes_in,
    chances,
    each_likelihood,
    likelihood_facts,
    logs_of,
)

_SPACE = re.compile(r"\s+")


def _goes_on(prompt: Prompt) -> bool:
    return len(prompt.continuations) == 1


def _bits_per_byte(_prompt: Prompt, found: Likelihoods) -> float:
    logs = logs_of(found)
    chances(logs)
    size = sum(max(1, bytes_in(one.text)) for one in found.of)
    return float(-logs.sum() / size / math.log(2.0))


def _words(one: Likelihood) -> int:
    """As lm-evaluation-harness counts: what white space parts, white space at the ends too."""
    return len(_SPACE.split(one.text))


def _per(count: Callable[[Likelihood], int]) -> Callable[[SetTable], PromptValues]:
    """exp(−Σ log-likelihood / Σ count), with the jackknife interval over prompts."""

    def by_prompt(table: SetTable) -> PromptValues:
        given = [found or Likelihoods(()) for found in table.outputs.likelihoods]
        rows = [[sum(o.log for o in g.of), sum(map(count, g.of))] for g in given]
        sums = np.array(rows, np.float64)
        chances(sums[:, 0])
        return pooled(sums, table.clusters, lambda total: float(np.exp(-total[0] / total[1])))

    return by_prompt


def _perplexity(
    name: str,
    title: str,
    measures: str,
    recipe: str,
    limits: str,
    source: str,
    count: Callable[[Likelihood], int],
) -> SetMetric:
    about = About(
        measures,
        "1 and up",
        f"exp of −Σ log-likelihood / Σ {recipe} over all continuations; 95 % jackknife interval "
        "over prompts",
        source,
        limits,
    )
    facts = likelihood_facts(f"perplexity.{name}", title, "", "lower", _goes_on, about)
    return metric_by_prompt(facts, _per(count))


BITS_PER_BYTE = OutputMetric(
    likelihood_facts(
        "perplexity.bits_per_byte",
        "Bits per byte",
        "bit",
        "lower",
        _goes_on,
        About(
            "How many bits a byte of the continuation costs the model.",
            "0 and up",
            "−log₂ of its likelihood over its UTF-8 bytes",
            "Gao et al. 2020 (The Pile, arXiv:2101.00027); lm-evaluation-harness weighs every byte "
            "alike instead: there it is log₂ of perplexity.bytes",
            "Comparable across tokenizers, not across languages; text seen in training is cheap.",
        ),
    ),
    each_likelihood(_bits_per_byte),
)
PERPLEXITY = _perplexity(
    "tokens",
    "Perplexity",
    "Among how many tokens the model hesitates on average.",
    "tokens",
    "Only comparable under one tokenizer: else read the bits per byte.",
    "the usual definition",
    lambda one: one.tokens,
)
BY_WORD = _perplexity(
    "words",
    "Perplexity by word",
    "Among how many words the model hesitates on average.",
    "words (parts between white space)",
    "Comparable across tokenizers, not across languages; scripts without spaces are one word.",
    "word_perplexity in lm-evaluation-harness",
    _words,
)
BY_BYTE = _perplexity(
    "bytes",
    "Perplexity by byte",
    "Among how many bytes the model hesitates on average.",
    "UTF-8 bytes",
    "Comparable across tokenizers, not across languages; text seen in training is cheap.",
    "byte_perplexity in lm-evaluation-harness",
    lambda one: bytes_in(one.text),
)
