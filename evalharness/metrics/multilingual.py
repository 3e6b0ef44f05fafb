"""What it costs to ask in another language than English: `multilingual.gap`, `.worst`."""

from __future__ import annotations

from collections.abc import Callable

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.intervals import mean_of_groups
from evalharness.metrics.variants import Agreements, agreements, drop

ENGLISH = "en"
_LIMITS = (
    "As blind as its CLIP model, which judges all languages by the English meaning; the "
    "translations are one wording each."
)


def _belongs(prompt: Prompt) -> bool:
    return "group" in prompt.tags and "language" in prompt.tags


def _losses(group: Agreements) -> dict[str, float]:
    """By language, how much less it agrees than English."""
    found = {name: drop(group, ENGLISH, name) for name in group if name != ENGLISH}
    return {name: loss for name, loss in found.items() if loss is not None}


def _gap(table: SetTable) -> SetValue:
    losses = [_losses(group) for group in agreements(table, "language").values()]
    means = [sum(loss.values()) / len(loss) for loss in losses if loss]
    return mean_of_groups(means, "groups in English and another language")


def _worst(table: SetTable) -> SetValue:
    by_language: dict[str, list[float]] = {}
    for group in agreements(table, "language").values():
        for language, loss in _losses(group).items():
            by_language.setdefault(language, []).append(loss)
    if not by_language:
        raise UnmeasurableError("No group of prompts is in English and in another language.")
    return SetValue(max(sum(losses) / len(losses) for losses in by_language.values()))


def _metric(
    name: str, title: str, measure: Callable[[SetTable], SetValue], about: About
) -> SetMetric:
    return SetMetric(
        facts=MetricFacts(
            name=f"multilingual.{name}",
            version=1,
            title=title,
            unit="",
            direction="lower",
            needs=frozenset({"output", "prompt"}),
            applies_to=frozenset({"picture"}),
            applies=_belongs,
            about=about,
        ),
        measure=measure,
        minimum_n=lambda _d: 4,
    )


GAP = _metric(
    "gap",
    "Multilingual gap",
    _gap,
    About(
        measures="How much less pictures agree with what was meant when it is asked in other "
        "languages than English.",
        range="−100…100 points of the CLIP score; 0 is no gap",
        recipe="per group (tag group) and seed, 100 · max(cos, 0) of the English prompt's picture "
        "with the meaning (checks.meaning), less that of each other language's (tag language); "
        "mean over seeds, languages, then groups, with a 95 % t interval over groups",
        source="this project; the aspect is HEIM's (Lee et al. 2023, arXiv:2311.04287)",
        limits=f"One mean over all languages: slice the board by language to see each. {_LIMITS}",
    ),
)

WORST = _metric(
    "worst",
    "Multilingual gap, worst language",
    _worst,
    About(
        measures="The gap to English of the language a model understands least.",
        range="−100…100 points of the CLIP score",
        recipe="the largest, over languages, of the mean over groups of the loss that "
        "multilingual.gap averages",
        source="this project",
        limits="The largest of several noisy numbers is too large on average, so it has no "
        f"interval: compare models, not the number with 0. {_LIMITS}",
    ),
)
