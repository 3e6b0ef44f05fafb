"""The metrics that fit somebody's own prompts, where nobody names any; the headline is first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from evalharness.catalog import registry
from evalharness.core.likelihoods import picture_labels
from evalharness.core.nouns import Modality, Prompt

Fits: TypeAlias = Callable[[Prompt], bool]

_NUMBER: Final = re.compile(r"[-−+]?\s?[$€£¥]?\d[\d.,'\u00a0\u202f ]*(/\d+)?\s?[%$€£¥]?")


_IFEVAL: Final = tuple(
    f"ifeval.{each}"
    for each in ("prompt_strict", "instruction_strict", "prompt_loose", "instruction_loose")
)


def fitting_metrics(prompts: Sequence[Prompt], modality: Modality) -> tuple[str, ...]:
    """Metrics for `prompts`, each of which scores some of them, and latency.

    Of those that say whether a text answer is right, the first is the one that scores the most
    prompts (of equals, the one that reads checks): that is what a board is sorted by.
    """
    if modality == "text":
        return (*_right(prompts), *_beside(prompts), "latency")
    lettering = ("text_accuracy[ocr]",) if _any(prompts, _has("lettering")) else ()
    return ("clip_score[clip-vit-l-14]", *lettering, "latency")


def _right(prompts: Sequence[Prompt]) -> Iterable[str]:
    counts = {names: sum(fits(prompt) for prompt in prompts) for names, fits in _SAYS_WHAT_IS_RIGHT}
    fitting = [names for names, count in counts.items() if count]
    for names in sorted(fitting, key=lambda names: -counts[names]):
        yield from names


def _beside(prompts: Sequence[Prompt]) -> Iterable[str]:
    return (name for name, fits in _SAYS_MORE if _any(prompts, fits))


def _any(prompts: Iterable[Prompt], fits: Fits) -> bool:
    return any(map(fits, prompts))


def _has(check: str) -> Fits:
    return lambda prompt: check in prompt.checks


def _expects_words(prompt: Prompt) -> bool:
    """Whether the answer is to be the target itself, and no letter, label, JSON or program."""
    asked = prompt.target is not None and not prompt.continuations
    return asked and registry.metric("normalised_match").facts.applies(prompt)


def _expects_number(prompt: Prompt) -> bool:
    return _expects_words(prompt) and _NUMBER.fullmatch((prompt.target or "").strip()) is not None


def _expects_continuation(prompt: Prompt) -> bool:
    return bool(prompt.continuations) and prompt.target is not None


_SAYS_WHAT_IS_RIGHT: Final[tuple[tuple[tuple[str, ...], Fits], ...]] = (
    (("multiple_choice",), _has("choices")),
    (("label",), _has("labels")),
    (("code.passed",), _has("code")),
    (("json.schema",), _has("json_schema")),
    (("pattern_match",), _has("pattern")),
    (_IFEVAL, _has("instructions")),
    (("likelihood.correct",), _expects_continuation),
    (("number_match",), _expects_number),
    (("normalised_match",), _expects_words),
)
"""Metrics (with more of their family behind them), and the prompts they are given for."""

_SAYS_MORE: Final[tuple[tuple[str, Fits], ...]] = (
    ("language.right", _has("language")),
    ("length.kept", _has("length")),
    ("likelihood.brier", lambda prompt: bool(picture_labels(prompt))),
    ("likelihood.ece", lambda prompt: bool(picture_labels(prompt))),
    ("perplexity", lambda prompt: len(prompt.continuations) == 1),
)
