"""The words of lettering: `text_accuracy.wer`, which words are missing, which nobody asked for.

Words are what white space parts after the normalisation of `text_accuracy`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from evalharness.core.contracts import Sight
from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.metrics.text_accuracy import (
    asked_text,
    asks_for_lettering,
    by_lettering,
    edit_distance,
    normalised,
)

_READS: Sight = "text"
_LIMITS = (
    "OCR errs too, and joins or parts words that stand close or far; a script without spaces is "
    "one word a line, so use the character error rate there; case is not judged."
)


def word_error_rate(asked: str, read: str) -> float:
    """Edit distance of the words over their number in `asked`; 0 is perfect, above 1 possible.

    Raises UnmeasurableError where `asked` has no characters; so do the other functions.
    """
    words = asked_text(asked).split()
    return edit_distance(words, normalised(read).split()) / len(words)


def missing_words(asked: str, read: str) -> float:
    """Share of the words asked for that were not read, in 0…1; repeated words count each time."""
    wanted = Counter(asked_text(asked).split())
    return (wanted - Counter(normalised(read).split())).total() / wanted.total()


def extra_words(asked: str, read: str) -> float:
    """Share of the words read that nobody asked for, in 0…1; 0 where nothing was read."""
    found = Counter(normalised(read).split())
    extra = found - Counter(asked_text(asked).split())
    return extra.total() / found.total() if found else 0.0


def _metric(
    name: str, title: str, unit: str, rate: Callable[[str, str], float], about: About
) -> OutputMetric:
    return OutputMetric(
        facts=MetricFacts(
            name=f"text_accuracy.{name}",
            version=1,
            title=f"Lettering: {title}",
            unit=unit,
            direction="lower",
            needs=frozenset({"output"}),
            applies_to=frozenset({"picture"}),
            reads=_READS,
            applies=asks_for_lettering,
            about=about,
            default_instrument="ocr",
        ),
        measure=by_lettering(rate),
    )


WER = _metric(
    "wer",
    "word error rate",
    "",
    word_error_rate,
    About(
        measures="The share of the asked words that the picture gets wrong, as OCR reads it.",
        range="0 and up; 0 is perfect, extra words can push it above 1",
        recipe="Levenshtein distance of the words that OCR reads to those asked for, over their "
        "number; both NFKC, case-folded, parted at white space",
        source="the usual definition, as in torchmetrics' word_error_rate",
        limits=f"One wrong letter makes a whole word wrong. {_LIMITS}",
    ),
)

MISSING = _metric(
    "missing",
    "missing words",
    "share of words",
    missing_words,
    About(
        measures="How many of the words asked for are not in the picture.",
        range="0…1; 0 is perfect",
        recipe="words asked for that OCR did not read (each as often as it was asked for), over "
        "the number asked for; their order does not count",
        source="this project",
        limits=f"A misspelt word is missing, and extra too. {_LIMITS}",
    ),
)

EXTRA = _metric(
    "extra",
    "extra words",
    "share of words",
    extra_words,
    About(
        measures="How much of what is written in the picture nobody asked for.",
        range="0…1; 0 is perfect, also for a picture without any lettering",
        recipe="words that OCR read and nobody asked for, over all words that it read",
        source="this project",
        limits=f"Says nothing of what is missing: read it beside the missing words. {_LIMITS}",
    ),
)
