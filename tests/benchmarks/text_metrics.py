"""How many short answers a second each text metric measures, in this process."""

from __future__ import annotations

import random
import time

import numpy as np

from evalharness.catalog.registry import metric
from evalharness.catalog.text_metrics import TEXT_METRICS
from evalharness.core.measures import OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Likelihood, Likelihoods, Status
from evalharness.core.tables import OutputTable, SetTable
from tests.benchmarks.report import Figure

PROMPTS, SEEDS = 500, 4
ASKED = 5_000
SLOW = {"rouge.l", "rouge.lsum"}
VOCABULARY = (
    "the a quick brown fox dog river market bread apples Paris London rain home today three is was "
    "over near and of in at jumps bought stay lazy loaf it she we so because never often"
)
WORDS = VOCABULARY.split()


def measure() -> list[Figure]:
    """One figure for every metric that reads texts or likelihoods alone."""
    others, table = _table(1), _table(2)  # the same prompts, other answers
    figures = []
    for name in sorted(TEXT_METRICS):
        found = metric(name)
        if found.facts.needs:
            continue
        _run(found, others)  # libraries are loaded and prompts' references counted
        started = time.perf_counter()
        _run(found, table)
        rate = len(table) / (time.perf_counter() - started)
        asked = "none" if name in SLOW else f"≥ {ASKED:,} outputs/s"
        ok = name in SLOW or rate >= ASKED
        figures.append(Figure(name, asked, f"{rate:,.0f} outputs/s", ok))
    figures[0] = Figure(
        **{f: getattr(figures[0], f) for f in ("what", "asked", "reached", "ok")},
        how=f"{PROMPTS} prompts × {SEEDS} answers of 4 to 16 words, two references, after "
        "other answers to the same prompts; the other rows alike",
    )
    return figures


def _run(found: object, table: OutputTable) -> None:
    if isinstance(found, OutputMetric):
        found.measure(table)
    else:
        clusters = np.repeat(np.arange(PROMPTS), SEEDS)
        found.measure(SetTable(table, clusters))  # type: ignore[attr-defined]


def _table(answered_by: int) -> OutputTable:
    rng, answering = random.Random(0), random.Random(answered_by)

    def words(by: random.Random = rng) -> str:
        return " ".join(by.choices(WORDS, k=by.randint(4, 16))).capitalize() + "."

    prompts, texts, likely = [], [], []
    for i in range(PROMPTS):
        target = f"{words()} {i}"
        asked = Prompt(
            f"p{i}",
            "?",
            target,
            {
                "targets": [words()],
                "choices": [target, words(), words()],
                "labels": [target, "positive", "negative"],
                "pattern": r"\d+\.?$",
                "instructions": [
                    {"id": "punctuation:no_comma"},
                    {"id": "length_constraints:number_words", "relation": "at least"}
                    | {"num_words": 5},
                    {"id": "keywords:existence", "keywords": ["fox"]},
                ],
                "json_schema": {"type": "object", "required": ["a"]},
                "language": "en",
                "length": {"unit": "words", "at_most": 12},
            },
            continuations=(target, "other"),
        )
        for _ in range(SEEDS):
            prompts.append(asked)
            own = words(answering)
            texts.append(answering.choice((own, own, f"The answer is {target}", '{"a": 1}')))
            likely.append(
                Likelihoods(
                    (
                        Likelihood(target, -answering.random(), 3),
                        Likelihood("other", -answering.random(), 1),
                    )
                )
            )
    n = len(prompts)
    unknown = np.full(n, np.nan)
    return OutputTable(
        prompts=tuple(prompts),
        seeds=np.tile(np.arange(SEEDS), PROMPTS),
        statuses=(Status.OK,) * n,
        duration_s=unknown,
        batch_size=unknown,
        peak_memory_bytes=unknown,
        cost=unknown,
        energy_j=unknown,
        texts=tuple(texts),
        likelihoods=tuple(likely),
    )
