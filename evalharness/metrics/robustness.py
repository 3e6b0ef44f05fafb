"""What misspelling and rewording cost: `robustness.typo`, `robustness.paraphrase`, …"""

from __future__ import annotations

from collections.abc import Callable

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.intervals import mean_of_groups
from evalharness.metrics.variants import agreements, drop

ORIGINAL = "original"


def _belongs(variant: str) -> Callable[[Prompt], bool]:
    def applies(prompt: Prompt) -> bool:
        return "group" in prompt.tags and prompt.tags.get("variant") in (ORIGINAL, variant)

    return applies


def _drop(variant: str) -> Callable[[SetTable], SetValue]:
    def measure(table: SetTable) -> SetValue:
        groups = agreements(table, "variant").values()
        drops = [lost for g in groups if (lost := drop(g, ORIGINAL, variant)) is not None]
        return mean_of_groups(drops, f"groups with an original and a variant {variant}")

    return measure


def _metric(variant: str, name: str, change: str) -> SetMetric:
    return SetMetric(
        facts=MetricFacts(
            name=f"robustness.{name}",
            version=1,
            title=f"Robustness: loss by {change}",
            unit="",
            direction="lower",
            needs=frozenset({"output", "prompt"}),
            applies_to=frozenset({"picture"}),
            applies=_belongs(variant),
            about=About(
                measures=f"How much agreement with what was meant is lost by {change}.",
                range="−100…100 points of the CLIP score; 0 is none, below 0 a gain",
                recipe="per group (tag group) and seed, 100 · max(cos, 0) of the original's "
                f"picture with the meaning, less that of the variant's (tag variant={variant}); "
                "mean over seeds, then over groups, with a 95 % t interval over groups",
                source="this project; HEIM (Lee et al. 2023, arXiv:2311.04287) perturbs prompts "
                "alike",
                limits="As blind as its CLIP model: what that does not see cannot be lost. A model "
                "that is bad at everything loses little.",
            ),
        ),
        measure=_drop(variant),
        minimum_n=lambda _d: 4,
    )


TYPO = _metric("typo", "typo", "a few typing errors")
TYPO_HEAVY = _metric("typo-heavy", "typo_heavy", "many typing errors")
PARAPHRASE = _metric("paraphrase", "paraphrase", "saying it in other words")
WORD_ORDER = _metric("word-order", "word_order", "another order of the words")
CASING = _metric("casing", "casing", "capital and small letters")
PUNCTUATION = _metric("punctuation", "punctuation", "other punctuation")
