"""Does a picture show the lettering its prompt asks for (`checks: {"lettering": "OPEN"}`)?

Both texts are compared after Unicode NFKC, case folding and collapsing of white space: prompts
seldom fix the case, and OCR cannot tell `O` from `o` or `S` from `s` without context.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable
from evalharness.metrics.features import UnmeasurableError

FloatArray: TypeAlias = NDArray[np.float64]


def normalised(text: str) -> str:
    """NFKC, case-folded, runs of white space as one space, none at the ends."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein distance: the fewest insertions, deletions and substitutions.

    Of characters for two strings, of words for two sequences of words.
    """
    numbers: dict[str, int] = {}
    a, b = ([numbers.setdefault(s, len(numbers)) for s in symbols] for symbols in (one, other))
    symbols = np.array(b, np.int64)
    steps = np.arange(len(symbols) + 1)
    row = steps.copy()
    for done, symbol in enumerate(a, start=1):
        candidate = np.empty_like(row)
        candidate[0] = done
        candidate[1:] = np.minimum(row[1:] + 1, row[:-1] + (symbols != symbol))
        # Insertions run along the row: row[j] = min over k ≤ j of candidate[k] + (j − k).
        row = np.minimum.accumulate(candidate - steps) + steps
    return int(row[-1])


def character_error_rate(asked: str, read: str) -> float:
    """Edit distance of the normalised texts over the length of `asked`; 0 is perfect.

    Words that nobody asked for count, so it can exceed 1 and is not clipped. Raises
    UnmeasurableError where `asked` has no characters.
    """
    target = asked_text(asked)
    return edit_distance(target, normalised(read)) / len(target)


def asked_text(asked: str) -> str:
    """The normalised text; raises UnmeasurableError where it has no characters."""
    target = normalised(asked)
    if not target:
        raise UnmeasurableError(
            "A prompt asks for empty lettering, which has no error rate. "
            "Give `checks.lettering` some text, or leave it out."
        )
    return target


def _lettering(prompt: Prompt) -> str | None:
    asked = prompt.checks.get("lettering")
    if asked is None or isinstance(asked, str):
        return asked
    raise UnmeasurableError(
        f"Prompt {prompt.id!r} has checks.lettering = {asked!r}; expected a text."
    )


def asks_for_lettering(prompt: Prompt) -> bool:
    """Whether a prompt says which words the picture has to show."""
    return prompt.checks.get("lettering") is not None


def by_lettering(rate: Callable[[str, str], float]) -> Callable[[OutputTable], FloatArray]:
    """A measure that gives `rate(asked, read)` of every output, NaN where nothing was asked."""

    def measure(table: OutputTable) -> FloatArray:
        rates = np.full(len(table), np.nan)
        texts = table.seen["output"].each_text()
        for i, (prompt, read) in enumerate(zip(table.prompts, texts, strict=True)):
            asked = _lettering(prompt)
            if asked is not None:
                rates[i] = rate(asked, read)
        return rates

    return measure


_error_rates = by_lettering(character_error_rate)


def _exact(table: OutputTable) -> FloatArray:
    rates = _error_rates(table)
    return np.where(np.isnan(rates), np.nan, (rates == 0.0).astype(np.float64))


CER = OutputMetric(
    facts=MetricFacts(
        name="text_accuracy.cer",
        version=1,
        title="Lettering: character error rate",
        unit="",
        direction="lower",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        reads="text",
        applies=asks_for_lettering,
        about=About(
            measures="The share of the asked letters that the picture gets wrong, as OCR reads it.",
            range="0 and up; 0 is perfect, extra words can push it above 1",
            recipe="Levenshtein distance of what OCR reads to what was asked, over the length "
            "asked; both NFKC, case-folded, white space collapsed",
            source="the usual definition",
            limits="OCR errs too, most on stylised, curved and small letters; case is not judged.",
        ),
        default_instrument="ocr",
    ),
    measure=_error_rates,
)
"""NaN for prompts that ask for no lettering."""

EXACT = OutputMetric(
    facts=MetricFacts(
        name="text_accuracy.exact",
        version=1,
        title="Lettering: exact",
        unit="share",
        direction="higher",
        needs=frozenset({"output"}),
        applies_to=frozenset({"picture"}),
        reads="text",
        applies=asks_for_lettering,
        about=About(
            measures="Whether the lettering in the picture is exactly what was asked for.",
            range="0 or 1",
            recipe="1 where the character error rate is 0: the same letters and no others",
            source="the usual definition",
            limits="OCR errs too, most on stylised, curved and small letters; case is not judged.",
        ),
        default_instrument="ocr",
    ),
    measure=_exact,
)
"""1 where all that OCR reads is what was asked for, 0 where not, NaN where nothing was."""
