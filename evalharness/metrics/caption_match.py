"""Agreement of a caption with the picture it was written for: `caption_match[instrument]`.

`caption_match` is CLIP score the other way round: the prompt's picture, and the answer's words.
`caption_match.reference` looks at the accepted captions too, as RefCLIPScore does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable
from evalharness.metrics.clip_score import clip_score
from evalharness.metrics.text.answers import TEXT, accepted, expects

_WEIGHT = 2.5


def _describes(prompt: Prompt) -> bool:
    """One picture, and an answer in free words."""
    return len(prompt.images) == 1 and not {"choices", "labels"} & prompt.checks.keys()


def _agreement(table: OutputTable) -> NDArray[np.float64]:
    return clip_score(table.seen["input"].each_vector(), table.seen["output"].each_vector())


def _closest(table: OutputTable) -> NDArray[np.float64]:
    """(n,): of each answer, the highest max(cos, 0) to any of its accepted captions, in 0…1."""
    answers, captions = table.seen["output"].each_vector(), table.seen["prompt"]
    similar = clip_score(answers[captions.of], captions.each_vector()) / 100.0
    closest: NDArray[np.float64] = np.maximum.reduceat(similar, captions.bounds(len(table))[:-1])
    return closest


def _with_references(table: OutputTable) -> NDArray[np.float64]:
    seen, said = _WEIGHT * _agreement(table) / 100.0, _closest(table)
    both = seen + said
    return np.divide(2.0 * seen * said, both, out=np.zeros_like(both), where=both > 0.0)


METRIC = OutputMetric(
    facts=MetricFacts(
        name="caption_match",
        version=1,
        title="Caption match",
        unit="of 100",
        direction="higher",
        needs=frozenset({"output", "input"}),
        applies_to=TEXT,
        applies=_describes,
        about=About(
            measures="How well a caption agrees with its picture, in the eyes of a CLIP model.",
            range="0…100; unrelated pairs are well above 0 (about 10 to 20 for ViT models)",
            recipe="100 · max(cos(picture, answer), 0), as clip_score; answers beyond the "
            "instrument's context are cut before the end token, and the cut is recorded with the "
            "feature",
            source="Hessel et al. 2021 (arXiv:2104.08718), in torchmetrics' scale, without the "
            "words that the paper puts before a caption",
            limits="Weak on counts, relations, binding and negation; reads only the beginning of "
            "long answers; not comparable between instruments.",
        ),
    ),
    measure=_agreement,
)

REFERENCE = OutputMetric(
    facts=MetricFacts(
        name="caption_match.reference",
        version=1,
        title="Caption match with references",
        unit="of 1.43",
        direction="higher",
        needs=frozenset({"output", "input", "prompt"}),
        applies_to=TEXT,
        applies=lambda prompt: _describes(prompt) and expects(prompt),
        asks=accepted,
        about=About(
            measures="How well a caption agrees with its picture and with what people wrote of it.",
            range="0…1.43; unrelated pairs are well above 0",
            recipe="harmonic mean of 2.5 · max(cos(picture, answer), 0) and the highest "
            "max(cos, 0) of the answer to any accepted caption (target and checks.targets)",
            source="RefCLIPScore of Hessel et al. 2021 (arXiv:2104.08718), without the words that "
            "the paper puts before a caption",
            limits="As caption_match; rewards the references' wording.",
        ),
    ),
    measure=_with_references,
)
