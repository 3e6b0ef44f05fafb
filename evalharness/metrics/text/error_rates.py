"""Word and character error rates: `wer`, `cer` of a set, `wer.sentence`, `cer.sentence`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from rapidfuzz.distance import Levenshtein

from evalharness.core.measures import About, MetricFacts, OutputMetric, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import PromptValues, SetTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.pooled import Counts, metric_by_prompt, pooled
from evalharness.metrics.text.answers import TEXT, accepted, expects, readable, text_metric

Split = Callable[[str], Sequence[str]]


def edits(answer: str, references: Sequence[str], split: Split) -> tuple[int, int]:
    """Levenshtein distance to the reference with the lowest rate, and that reference's length."""
    parts = split(answer)
    found = [(Levenshtein.distance(parts, (of := split(one))), len(of)) for one in references]
    return min(found, key=lambda pair: pair[0] / max(pair[1], 1))


def rate(counts: Counts) -> float:
    """Edits over length; raises UnmeasurableError where there is no length."""
    if counts[1] <= 0.0:
        raise UnmeasurableError("The references are empty, so there is no error rate. Fill them.")
    return float(counts[0] / counts[1])


def _metrics(name: str, title: str, split: Split, what: str) -> tuple[SetMetric, OutputMetric]:
    def judge(prompt: Prompt, answer: str) -> float:
        return rate(np.array(edits(answer, accepted(prompt), split), np.float64))

    def by_prompt(table: SetTable) -> PromptValues:
        pairs = zip(table.outputs.prompts, table.outputs.texts, strict=True)
        found = [edits(readable(text or ""), accepted(prompt), split) for prompt, text in pairs]
        return pooled(np.array(found, np.float64), table.clusters, rate)

    about = About(
        measures=f"How many {what} of the reference an answer gets wrong.",
        range="0 and up; 0 is perfect, a long answer exceeds 1",
        recipe=f"Levenshtein distance in {what} over the length of the reference, as written: case "
        "and punctuation count; the reference with the lowest rate where there are several",
        source="the usual definition, as in torchmetrics",
        limits="Blind to meaning; normalise prompts and targets where case should not count.",
    )
    corpus = metric_by_prompt(
        MetricFacts(
            name=name,
            version=2,
            title=title,
            unit="",
            direction="lower",
            needs=frozenset(),
            applies_to=TEXT,
            applies=expects,
            about=replace(
                about,
                recipe=f"{about.recipe}; 95 % score interval over prompts, with the jackknife's "
                "error",
            ),
        ),
        by_prompt,
        "at 0 or above",
    )
    single = text_metric(
        f"{name}.sentence",
        f"{title} of an answer",
        judge,
        about,
        applies=expects,
        unit="",
        direction="lower",
    )
    return corpus, single


WER, WER_SENTENCE = _metrics("wer", "Word error rate", str.split, "words")
CER, CER_SENTENCE = _metrics("cer", "Character error rate", list, "characters")
