"""Translation by overlap: `bleu`, `chrf` (chrF++) and `ter` of a set, and of single sentences.

Sufficient statistics and scores are sacrebleu's, with every prompt's target and `checks.targets` as
references. The statistics come from methods with an underscore, because the public ones give whole
scores only, and would count the same references' n-grams for every output again; the tests compare
with the public ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from evalharness.core.measures import About, Direction, MetricFacts, OutputMetric, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import PromptValues, SetTable
from evalharness.metrics.pooled import Counts, metric_by_prompt, pooled
from evalharness.metrics.text import shifts
from evalharness.metrics.text.answers import TEXT, accepted, expects, readable, text_metric
from evalharness.metrics.text.libraries import library, version_of

Way: TypeAlias = Literal["bleu", "chrf", "ter"]

LONGEST_SHIFTED: Final = 400
"""Words of an answer up to which TER looks for shifts: the search takes time by the cube."""


@lru_cache(maxsize=8)
def _scorer(way: Way, sentence: bool) -> Any:
    metrics = library("sacrebleu.metrics")
    if way == "bleu":
        return metrics.BLEU(effective_order=sentence)
    return metrics.CHRF(word_order=2) if way == "chrf" else metrics.TER()


@lru_cache(maxsize=4096)
def _references(way: Way, texts: tuple[str, ...]) -> Any:
    """A prompt's references as sacrebleu counts them, once for all its outputs."""
    scorer = _scorer(way, True)
    return scorer._extract_reference_info([scorer._preprocess_segment(text) for text in texts])


def statistics(way: Way, answer: str, references: tuple[str, ...]) -> list[float]:
    """The counts of one answer that sacrebleu sums over a set."""
    scorer, of = _scorer(way, True), _references(way, references)
    words = scorer._preprocess_segment(answer)
    if way == "ter":
        return _edits(words, of)
    found: list[float] = scorer._compute_segment_statistics(words, of)
    return found


def _edits(answer: str, of: Any) -> list[float]:
    words, references = answer.split(), of["ref_words"]
    longest = max(len(words), *map(len, references))
    if len(words) > LONGEST_SHIFTED:
        fewest = min(Levenshtein.distance(words, reference) for reference in references)
    elif longest > shifts.LONGEST:
        found: list[float] = _scorer("ter", True)._compute_segment_statistics(answer, of)
        return found
    else:
        fewest = min(shifts.edits(words, reference) for reference in references)
    return [fewest, sum(map(len, references)) / len(references)]


def score(way: Way, counts: Counts | list[float], *, sentence: bool) -> float:
    """sacrebleu's score of counts: those of a sentence, or the sums of a set's."""
    found = _scorer(way, sentence)._compute_score_from_stats([float(n) for n in counts])
    # of equal texts it comes to 100.00000000000004
    return float(found.score) if way == "ter" else min(100.0, float(found.score))


def _sentence(way: Way) -> Callable[[Prompt, str], float]:
    def judge(prompt: Prompt, answer: str) -> float:
        return score(way, statistics(way, answer, accepted(prompt)), sentence=True)

    return judge


def _corpus(way: Way) -> Callable[[SetTable], PromptValues]:
    def by_prompt(table: SetTable) -> PromptValues:
        prompts, texts = table.outputs.prompts, table.outputs.texts
        counts: NDArray[np.float64] = np.array(
            [
                statistics(way, readable(text or ""), accepted(prompt))
                for prompt, text in zip(prompts, texts, strict=True)
            ],
            np.float64,
        )
        return pooled(counts, table.clusters, lambda sums: score(way, sums, sentence=False))

    return by_prompt


_OPTIONS: Final[dict[Way, str]] = {
    "bleu": "case:mixed|eff:{eff}|tok:13a|smooth:exp",
    "chrf": "case:mixed|eff:yes|nc:6|nw:2|space:no",
    "ter": "case:lc|tok:tercom|norm:no|punct:yes|asian:no",
}


def _signature(way: Way, *, sentence: bool) -> Callable[[], str]:
    """sacrebleu's own, with the number of references left to the prompts."""
    options = _OPTIONS[way].format(eff="yes" if sentence else "no")
    return lambda: f"nrefs:var|{options}|version:{version_of('sacrebleu')}"


def _metrics(
    way: Way, title: str, direction: Direction, about: About, version: int
) -> tuple[SetMetric, OutputMetric]:
    corpus = metric_by_prompt(
        MetricFacts(
            name=way,
            version=version,
            title=title,
            unit="%",
            direction=direction,
            needs=frozenset(),
            applies_to=TEXT,
            applies=expects,
            about=about,
            signature=_signature(way, sentence=False),
        ),
        _corpus(way),
        "at 0 or above" if way == "ter" else "in 0…100",
    )
    single = text_metric(
        f"{way}.sentence",
        f"{title} of a sentence",
        _sentence(way),
        About(
            measures=about.measures,
            range=about.range,
            recipe=f"{about.recipe}; of one answer alone"
            + (", up to the longest n-gram that it has" if way == "bleu" else ""),
            source=about.source,
            limits=f"{about.limits} Its mean over a set is not the set's own number.",
        ),
        applies=expects,
        unit="%",
        direction=direction,
        signature=_signature(way, sentence=True),
    )
    return corpus, single


BLEU, BLEU_SENTENCE = _metrics(
    "bleu",
    "BLEU",
    "higher",
    About(
        measures="How many short runs of words an answer shares with the references.",
        range="0…100",
        recipe="geometric mean of the precisions of 1- to 4-grams of words (13a tokens), clipped "
        "by the references, times the brevity penalty; summed over the set",
        source="Papineni et al. 2002; sacrebleu (Post 2018, arXiv:1804.08771)",
        limits="Blind to meaning and to synonyms; 13a does not part Chinese, Japanese or Thai "
        "words; comparable only under one signature.",
    ),
    version=2,
)
CHRF, CHRF_SENTENCE = _metrics(
    "chrf",
    "chrF++",
    "higher",
    About(
        measures="How many short runs of letters and words an answer shares with a reference.",
        range="0…100",
        recipe="F2 of character 1- to 6-grams and word 1- and 2-grams, the best reference of "
        "each answer; summed over the set",
        source="Popović 2017 (chrF++); sacrebleu (Post 2018, arXiv:1804.08771)",
        limits="Blind to meaning; kinder than BLEU to word forms, and to scripts without spaces.",
    ),
    version=2,
)
TER, TER_SENTENCE = _metrics(
    "ter",
    "TER",
    "lower",
    About(
        measures="How many edits turn an answer into the nearest reference.",
        range="0 and up; 100 is an edit for every word of the reference",
        recipe="insertions, deletions, substitutions and shifts of words, over the mean length of "
        f"the references; answers of more than {LONGEST_SHIFTED} words without shifts, which can "
        "only raise it",
        source="Snover et al. 2006; sacrebleu (Post 2018, arXiv:1804.08771)",
        limits="Blind to meaning; case is not judged; long answers exceed 100.",
    ),
    version=2,
)
