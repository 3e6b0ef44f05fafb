"""What networks trained on people's choices think: `preference` of a picture with its prompt,
`aesthetic` of a picture alone.

The scale is the network's own, as it was published; only scores of one instrument can be compared.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric, own_text
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable, Subject
from evalharness.metrics.features import UnmeasurableError


def has_words(prompt: Prompt) -> bool:
    """Whether a prompt means anything that a picture could be held against."""
    return all(text.strip() for text in own_text(prompt))


def one_number_each(table: OutputTable, subject: Subject) -> NDArray[np.float64]:
    """The scalar seen of every output, float64 (n,); raises UnmeasurableError for NaN, infinity.

    A NaN must not reach the score, where it would mean that the metric does not apply.
    """
    seen = table.seen[subject]
    numbers = seen.each_scalar()
    if len(numbers) != len(table) or not np.array_equal(seen.of, np.arange(len(table))):
        raise UnmeasurableError(
            f"Found {len(numbers)} numbers of {len(table)} outputs; expected one each."
        )
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise UnmeasurableError(
            f"The instrument gave NaN or infinity for {len(bad)} of {len(table)} outputs (first: "
            f"row {bad[0]}). Check its weights."
        )
    return numbers


def _preference(table: OutputTable) -> NDArray[np.float64]:
    return one_number_each(table, "pair")


def _aesthetic(table: OutputTable) -> NDArray[np.float64]:
    return one_number_each(table, "output")


PREFERENCE = OutputMetric(
    facts=MetricFacts(
        name="preference",
        version=1,
        title="Human preference",
        unit="",
        direction="higher",
        needs=frozenset({"pair"}),
        applies_to=frozenset({"picture"}),
        reads="preference",
        applies=has_words,
        about=About(
            measures="How likely people are to choose this picture over others of the same "
            "prompt, as a network foresees that learnt from people's choices.",
            range="the instrument's own: hps-v2.1 gives 100 · cosine, about 20…35; pickscore "
            "gives its logit, about 18…24; image-reward gives standard deviations around the mean "
            "of its training pictures, about −2…2",
            recipe="the network's published score of picture and prompt, unchanged; a prompt with "
            "checks.meaning is judged by that; words beyond the network's context (77 tokens, or "
            "35 for image-reward) are cut before the end token and the cut is recorded with the "
            "feature",
            source="HPSv2: Wu et al. 2023 (arXiv:2306.09341); PickScore: Kirstain et al. 2023 "
            "(arXiv:2305.01569); ImageReward: Xu et al. 2023 (arXiv:2304.05977)",
            limits="Only differences within one prompt mean anything, so compare models on common "
            "prompts, and only under one instrument. Mixes agreement with beauty. The taste is "
            "that of its raters and of pictures of 2022 and 2023: glossy and saturated wins, "
            "sketches, film grain and unusual styles lose. Models tuned on such a score win by it. "
            "The end of long prompts is not read.",
        ),
    ),
    measure=_preference,
)

AESTHETIC = OutputMetric(
    facts=MetricFacts(
        name="aesthetic",
        version=1,
        title="Aesthetic appeal",
        unit="points",
        direction="higher",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        reads="rating",
        about=About(
            measures="How beautiful people would rate the picture, whatever was asked for, as a "
            "network foresees that learnt from ratings.",
            range="the raters' 1…10; most generated pictures get 4…7, and nothing keeps the "
            "network inside the scale",
            recipe="LAION's head on the unit-length picture vector of CLIP ViT-L/14: v1 is one "
            "linear layer, v2 five of them without anything between, which is a linear map too; "
            "their numbers differ and are two instruments",
            source="github.com/LAION-AI/aesthetic-predictor (v1), "
            "github.com/christophschuhmann/improved-aesthetic-predictor (v2)",
            limits="Blind to the prompt: a pretty picture of the wrong thing scores well. Learnt "
            "mostly from photographs and from what the ratings' authors liked; landscapes, "
            "portraits and paintings are favoured, diagrams, lettering and plain product shots "
            "are not. Sees 224×224 pixels of the middle, so neither fine detail nor the edges.",
        ),
    ),
    measure=_aesthetic,
)
