"""Summaries by overlap: `rouge.1`, `rouge.2`, `rouge.l`, `rouge.lsum`, those of rouge-score."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from evalharness.core.measures import About, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.answers import accepted, expects, text_metric
from evalharness.metrics.text.libraries import library, version_of

MOST_CELLS: Final = 20_000_000
"""Letters of answer × reference beyond which the longest common run is not looked for: its table
would not fit in memory."""


@lru_cache(maxsize=8)
def _scorer(kind: str) -> Any:
    return library("rouge_score.rouge_scorer").RougeScorer([kind], use_stemmer=False)


def rouge(kind: str, answer: str, references: tuple[str, ...]) -> float:
    """F1 in 0…1 with the nearest reference; `kind` is rouge1, rouge2, rougeL or rougeLsum.

    Raises UnmeasurableError where rougeL's table would have too many cells.
    """
    longest = max(len(reference) for reference in references)
    if kind.startswith("rougeL") and len(answer) * longest > MOST_CELLS * 25:
        raise UnmeasurableError(
            f"The answer has {len(answer):,} letters and a reference {longest:,}: too many for "
            f"{kind}. Read rouge.1 and rouge.2."
        )
    scorer = _scorer(kind)
    return max(float(scorer.score(one, answer)[kind].fmeasure) for one in references)


def _metric(name: str, kind: str, title: str, counted: str) -> OutputMetric:
    def judge(prompt: Prompt, answer: str) -> float:
        return rouge(kind, answer, accepted(prompt))

    return text_metric(
        f"rouge.{name}",
        title,
        judge,
        About(
            measures=f"How far an answer and a reference share {counted}.",
            range="0…1",
            recipe=f"F1 of {counted} (lower case, a–z and 0–9 only, no stemming), the best of the "
            "references",
            source="Lin 2004 (ROUGE); Google's rouge-score",
            limits="Blind to meaning, and to every letter beyond a–z: useless for other scripts; "
            "a long answer loses precision, a short one recall.",
        ),
        applies=expects,
        signature=_signature(kind),
    )


def _signature(kind: str) -> Callable[[], str]:
    return lambda: f"{kind}|stemmer:no|version:{version_of('rouge-score')}"


ONE = _metric("1", "rouge1", "ROUGE-1", "words")
TWO = _metric("2", "rouge2", "ROUGE-2", "pairs of neighbouring words")
L = _metric("l", "rougeL", "ROUGE-L", "words in the same order")
LSUM = _metric("lsum", "rougeLsum", "ROUGE-Lsum", "words in the same order, line by line")
