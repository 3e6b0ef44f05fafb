"""Agreement of a picture with its prompt, in two conventions with a name each.

`clip_score[instrument]` is 100 · max(cos(picture, prompt), 0) for every output (torchmetrics
clamps only after averaging), `clip_score.hessel[instrument]` the paper's 2.5 · max(cos, 0) with
"A photo depicts" before the prompt. Only scores of one instrument can be compared, so a suite has
to name it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric, own_text
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable
from evalharness.metrics.features import UnmeasurableError

_HESSEL_WEIGHT = 2.5
_HESSEL_PREFIX = "A photo depicts "
_BLOCK = 2048
"""Rows made float64 at a time: copies of all of them would leave the processor's cache."""


def clip_score(pictures: ArrayLike, prompts: ArrayLike) -> NDArray[np.float64]:
    """100 · max(cos, 0) of aligned vectors (n, d) and (n, d): float64 (n,) in 0…100.

    The vectors need not be unit length. Raises UnmeasurableError for differing shapes, NaN,
    infinity and zero vectors, which have no direction.
    """
    x, y = np.asarray(pictures), np.asarray(prompts)
    if x.ndim != 2 or x.shape != y.shape:
        raise UnmeasurableError(
            f"Picture vectors have shape {x.shape} and prompt vectors {y.shape}; expected the "
            "same (n, d). Extract both with one instrument."
        )
    products = np.empty((len(x), 3))
    for start in range(0, len(x), _BLOCK):
        a, b = (rows[start : start + _BLOCK].astype(np.float64) for rows in (x, y))
        for column, (left, right) in enumerate(((a, b), (a, a), (b, b))):
            products[start : start + _BLOCK, column] = np.einsum("nd,nd->n", left, right)
    lengths = np.sqrt(products[:, 1]) * np.sqrt(products[:, 2])
    bad = np.flatnonzero(~np.isfinite(lengths) | (lengths == 0.0))
    if len(bad):
        raise UnmeasurableError(
            f"{len(bad)} of {len(x)} picture and prompt vectors are zero, NaN or infinite "
            f"(first: row {bad[0]}). Check the instrument's weights."
        )
    cosines = products[:, 0] / lengths
    score: NDArray[np.float64] = 100.0 * np.clip(cosines, 0.0, 1.0)
    return score


def _measure(table: OutputTable) -> NDArray[np.float64]:
    return clip_score(table.seen["output"].each_vector(), table.seen["prompt"].each_vector())


def depicted(prompt: Prompt) -> tuple[str, ...]:
    """What a prompt means, in the words that the paper puts to CLIP."""
    return tuple(_HESSEL_PREFIX + text.strip() for text in own_text(prompt))


def _measure_hessel(table: OutputTable) -> NDArray[np.float64]:
    return _measure(table) * (_HESSEL_WEIGHT / 100.0)


METRIC = OutputMetric(
    facts=MetricFacts(
        name="clip_score",
        version=1,
        title="CLIP score",
        unit="",
        direction="higher",
        needs=frozenset({"output", "prompt"}),
        applies_to=frozenset({"picture"}),
        about=About(
            measures="How well a picture agrees with its prompt, in the eyes of a CLIP model.",
            range="0…100; unrelated pairs are well above 0 (about 10 to 20 for ViT models)",
            recipe="100 · max(cos(picture, text), 0) for every output; a prompt with "
            "checks.meaning is compared with that; texts beyond the context are cut before the end "
            "token, and the cut is recorded with the feature",
            source="Hessel et al. 2021 (arXiv:2104.08718), in torchmetrics' scale",
            limits="Weak on counts, relations, binding and negation; blind to quality; not "
            "comparable between instruments.",
        ),
    ),
    measure=_measure,
)

HESSEL = OutputMetric(
    facts=MetricFacts(
        name="clip_score.hessel",
        version=1,
        title="CLIPScore (Hessel)",
        unit="",
        direction="higher",
        needs=frozenset({"output", "prompt"}),
        applies_to=frozenset({"picture"}),
        asks=depicted,
        about=About(
            measures="How well a picture agrees with its prompt, in the paper's own convention.",
            range="0…2.5; unrelated pairs are well above 0",
            recipe='2.5 · max(cos(picture, "A photo depicts " + text), 0) for every output; the '
            "paper's instrument is clip-vit-b-32",
            source="Hessel et al. 2021 (arXiv:2104.08718), github.com/jmhessel/clipscore",
            limits="As clip_score, and the prefix fits pictures in other styles than photographs "
            "badly; never to be compared with clip_score's numbers.",
        ),
    ),
    measure=_measure_hessel,
)
