"""Looks: does a picture have the one asked for, and what does a model do when none is asked?

`steerability`, `style_match` and `default_look` compare pictures with the phrases of a vocabulary
of looks (`core.styles`), which a prompt names in its checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.styles import VOCABULARIES, rivals
from evalharness.core.tables import OutputTable, SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.phrases import cosines

Floats = NDArray[np.float64]
_LOGIT_SCALE = 100.0
"""Cosines are multiplied by this before the softmax, as CLIP models are trained to."""

_SEEN_BY = "a CLIP instrument names looks as well as it knows them: try it on pictures you know"


def _vocabulary(prompt: Prompt) -> str | None:
    name = prompt.checks.get("styles")
    return name if isinstance(name, str) and name in VOCABULARIES else None


def _asks_for_a_look(prompt: Prompt) -> bool:
    vocabulary = _vocabulary(prompt)
    return vocabulary is not None and prompt.checks.get("style") in VOCABULARIES[vocabulary]


def _leaves_the_look_open(prompt: Prompt) -> bool:
    return _vocabulary(prompt) is not None and prompt.checks.get("style") is None


def asked_then_rivals(prompt: Prompt) -> tuple[str, ...]:
    """The phrase of the look asked for, then those that it must be told from."""
    vocabulary = VOCABULARIES[str(prompt.checks["styles"])]
    asked = vocabulary[str(prompt.checks["style"])]
    return (asked.phrase, *(style.phrase for style in rivals(vocabulary, asked.name)))


def all_phrases(prompt: Prompt) -> tuple[str, ...]:
    """The phrases of the prompt's whole vocabulary."""
    return tuple(style.phrase for style in VOCABULARIES[str(prompt.checks["styles"])].values())


def softmax(cosine: Floats) -> Floats:
    """Probabilities of the phrases, float64 summing to 1, at CLIP's logit scale of 100."""
    grown = np.exp(_LOGIT_SCALE * (cosine - cosine.max()))
    shares: Floats = grown / grown.sum()
    return shares


def _wins(table: OutputTable) -> Floats:
    return np.array([float(c[0] > c[1:].max()) for c in cosines(table)])


def _probability(table: OutputTable) -> Floats:
    return np.array([softmax(c)[0] for c in cosines(table)])


def concentration(counts: Floats) -> float:
    """1 − entropy of the counts' shares over its maximum log K: 0 even, 1 all in one place."""
    shares = counts[counts > 0] / counts.sum()
    return float(1.0 + (shares * np.log(shares)).sum() / np.log(len(counts)))


def _default_look(table: SetTable) -> SetValue:
    names = {_vocabulary(prompt) for prompt in table.outputs.prompts}
    if len(names) != 1:
        raise UnmeasurableError(
            f"The prompts use {len(names)} vocabularies of looks; expected one. Measure them in "
            "suites of their own."
        )
    nearest = Counter(int(c.argmax()) for c in cosines(table.outputs))
    looks = len(VOCABULARIES[str(names.pop())])
    return SetValue(concentration(np.array([nearest[i] for i in range(looks)], np.float64)))


def _of_outputs(
    name: str, title: str, unit: str, measure: Callable[[OutputTable], Floats], about: About
) -> OutputMetric:
    return OutputMetric(
        facts=MetricFacts(
            name=name,
            version=1,
            title=title,
            unit=unit,
            direction="higher",
            needs=frozenset({"output", "prompt"}),
            applies_to=frozenset({"picture"}),
            applies=_asks_for_a_look,
            asks=asked_then_rivals,
            about=about,
        ),
        measure=measure,
    )


STEERABILITY = _of_outputs(
    "steerability",
    "Steerability",
    "share",
    _wins,
    About(
        measures="Whether a picture has the look that its prompt asks for.",
        range="0 or 1; chance is one over the number of looks",
        recipe="1 where the phrase of the look asked for (checks.style) has the highest cosine "
        "with the picture among the phrases of its vocabulary (checks.styles), broader looks' own "
        "kinds left out",
        source="zero-shot classification as in Radford et al. 2021 (arXiv:2103.00020)",
        limits=f"Says nothing of how well the look is done; {_SEEN_BY}.",
    ),
)

STYLE_MATCH = _of_outputs(
    "style_match",
    "Style match",
    "",
    _probability,
    About(
        measures="How clearly a picture has the look that its prompt asks for.",
        range="0…1",
        recipe="softmax of 100 · cosine over the phrases that steerability compares: the share of "
        "the look asked for",
        source="zero-shot classification as in Radford et al. 2021 (arXiv:2103.00020)",
        limits=f"The shares are not calibrated, and depend on the vocabulary; {_SEEN_BY}.",
    ),
)

DEFAULT_LOOK = SetMetric(
    facts=MetricFacts(
        name="default_look",
        version=1,
        title="Default look",
        unit="",
        direction="lower",
        needs=frozenset({"output", "prompt"}),
        applies_to=frozenset({"picture"}),
        applies=_leaves_the_look_open,
        asks=all_phrases,
        about=About(
            measures="How much a model keeps to one look when a prompt asks for none.",
            range="0 (every look equally often) … 1 (always the same)",
            recipe="each picture of a prompt without checks.style counts for the look with the "
            "highest cosine; 1 − entropy of the looks' shares over log(number of looks)",
            source="this project",
            limits="A strong default look is a fault only where variety is wanted; few pictures "
            f"push it up, so compare equal numbers; {_SEEN_BY}.",
        ),
    ),
    measure=_default_look,
    minimum_n=lambda _d: 24,
)
