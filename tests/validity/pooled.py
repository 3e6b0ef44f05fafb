"""Differences of numbers of pooled counts (BLEU, macro F1): do they hold the truth, by prompt?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from evalharness.board.paired import PairedDifference, paired_difference
from evalharness.metrics.pooled import Counts, pooled
from evalharness.metrics.text.error_rates import edits, rate
from evalharness.metrics.text.labels import macro_f1
from evalharness.metrics.text.translation import Way, score, statistics
from tests.validity.rates import Checked, Rate, checked, checks_table

DRAWS: Final = 2000
POOL: Final = 3000
"""Prompts of which each draw takes some, with replacement: the pool is the population."""
SEEDS: Final = 2
PROMPTS: Final = (12, 50, 200)
COVERED: Final = (0.93, 0.97)
ALPHA: Final = 0.05
SLIPS: Final = (0.2, 0.25)
"""Of both models: the chance of a wrong word or label, on a prompt of mean difficulty."""
SHARES: Final = (0.5, 0.3, 0.15, 0.05)
"""How frequent each label is: the rarest decides a quarter of macro F1."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Counts (prompts, seeds, k) of two models that answered one pool, and their number."""

    counts: tuple[Counts, Counts]
    value: Callable[[Counts], float]

    def difference(self, prompts: NDArray[np.int64], swap: NDArray[np.bool_]) -> PairedDifference:
        """As a board tests it, on these prompts; the models change sides where `swap` holds."""
        clusters = np.repeat(np.arange(len(prompts)), SEEDS)
        first, second = (of[prompts] for of in self.counts)
        sides = (
            np.where(swap[:, None, None], second, first),
            np.where(swap[:, None, None], first, second),
        )
        values = [
            pooled(side.reshape(len(clusters), -1), clusters, self.value).values for side in sides
        ]
        return paired_difference(*values)

    @property
    def truth(self) -> float:
        """Over the whole pool."""
        first, second = (self.value(of.sum(axis=(0, 1))) for of in self.counts)
        return second - first


def pools() -> Iterator[tuple[str, Pool]]:
    """Sentences said again with wrong and lost words, and labels that are confused."""
    rng = np.random.default_rng(11)
    vocabulary = np.array(["".join(rng.choice(list("abdegiklmnorstu"), 5)) for _ in range(400)])
    ease = rng.standard_normal(POOL)
    targets = [rng.choice(vocabulary, rng.integers(5, 30)) for _ in range(POOL)]
    said = [
        [[_slipping(words, chance, vocabulary, rng) for _ in range(SEEDS)] for words, chance in
         zip(targets, _chances(ease, slips), strict=True)]
        for slips in SLIPS
    ]  # fmt: skip
    references = [" ".join(words) for words in targets]
    ways: tuple[Way, ...] = ("bleu", "chrf")
    for way in ways:
        yield way, Pool(_counts(said, references, _statistics(way)), _score(way))
    words_wrong = _counts(said, references, lambda a, b: edits(a, [b], str.split))
    yield "wer", Pool(words_wrong, rate)
    right = rng.choice(len(SHARES), POOL, p=SHARES)
    labels = [_confused(right, _chances(ease, slips), rng) for slips in SLIPS]
    yield "label.macro_f1", Pool((labels[0], labels[1]), macro_f1)


def _statistics(way: Way) -> Callable[[str, str], Sequence[float]]:
    return lambda answer, reference: statistics(way, answer, (reference,))


def _score(way: Way) -> Callable[[Counts], float]:
    return lambda sums: score(way, sums, sentence=False)


def _chances(ease: NDArray[np.float64], slips: float) -> NDArray[np.float64]:
    """(prompts,): log odds vary over prompts by their difficulty, and by the model's own luck."""
    own = np.random.default_rng([12, round(100 * slips)]).standard_normal(len(ease))
    return np.asarray(1.0 / (1.0 + np.exp(ease + 0.7 * own - np.log(slips / (1.0 - slips)))))


def _slipping(
    words: NDArray[np.str_], chance: float, vocabulary: NDArray[np.str_], rng: np.random.Generator
) -> str:
    wrong = np.where(rng.random(len(words)) < chance, rng.choice(vocabulary, len(words)), words)
    return " ".join(wrong[rng.random(len(words)) >= chance / 4])


def _counts(
    said: Sequence[Sequence[Sequence[str]]],
    references: Sequence[str],
    of: Callable[[str, str], Sequence[float]],
) -> tuple[Counts, Counts]:
    first, second = (
        np.array(
            [
                [of(answer, reference) for answer in answers]
                for answers, reference in zip(model, references, strict=True)
            ],
            np.float64,
        )
        for model in said
    )
    return first, second


def _confused(
    right: NDArray[np.int64], chances: NDArray[np.float64], rng: np.random.Generator
) -> Counts:
    """(prompts, seeds, 3·labels): true and false alarm and miss, as `label.macro_f1` counts."""
    counts = np.zeros((len(right), SEEDS, len(SHARES), 3))
    for prompt, (label, chance) in enumerate(zip(right, chances, strict=True)):
        for seed in range(SEEDS):
            if rng.random() >= chance:
                counts[prompt, seed, label, 0] = 1.0
                continue
            other = (label + rng.integers(1, len(SHARES))) % len(SHARES)
            counts[prompt, seed, other, 1] = counts[prompt, seed, label, 2] = 1.0
    return counts.reshape(len(right), SEEDS, -1)


def measure() -> dict[str, Any]:
    """Coverage of true differences, and how often two equal models are told apart."""
    covered, told = [], []
    for name, pool in pools():
        for prompts in PROMPTS:
            covered.append(asdict(_covered(name, pool, prompts)))
            told.append(asdict(_told_apart(name, pool, prompts)))
    return {"covered": covered, "told": told}


def _covered(name: str, pool: Pool, prompts: int) -> Checked:
    rng = np.random.default_rng([13, prompts, len(name)])
    truth, held = pool.truth, 0
    for _ in range(DRAWS):
        drawn = rng.integers(0, POOL, prompts)
        found = pool.difference(drawn, np.zeros(prompts, np.bool_))
        assert found.low is not None and found.high is not None
        held += found.low <= truth <= found.high
    what = f"Δ`{name}`, {prompts} prompts × {SEEDS} seeds"
    return Checked(what, Rate(held, DRAWS), *COVERED, chance=True, beside=f"{truth:.3g}")


def _told_apart(name: str, pool: Pool, prompts: int) -> Checked:
    """Where a coin decides on each prompt who is who, two models are one."""
    rng = np.random.default_rng([14, prompts, len(name)])
    told = 0
    for _ in range(DRAWS):
        drawn = rng.integers(0, POOL, prompts)
        p = pool.difference(drawn, rng.random(prompts) < 0.5).p
        told += bool(p is not None and p <= ALPHA)
    what = f"`{name}`, {prompts} prompts × {SEEDS} seeds"
    return Checked(what, Rate(told, DRAWS), 0.0, ALPHA, chance=True)


_HEAD = f"""## Differences of pooled numbers

BLEU, chrF, error rates and macro F1 are numbers of summed counts. Two models are compared by what
each prompt adds to them (pseudo-values of the jackknife over prompts), as `compare` and `gate` do.
Every draw takes prompts from a pool of {POOL:,}, whose true difference is known: sentences said
again with wrong and lost words, labels that are confused, of which the rarest is {SHARES[-1]:.0%};
prompts differ in difficulty and length. What was asked stood in `tests/validity/pooled.py` before
the first run.
"""


def lines(figures: Mapping[str, Any]) -> list[str]:
    """The section in Markdown."""
    covered, told = ([checked(one) for one in figures[part]] for part in ("covered", "told"))
    every = [*covered, *told]
    why = yaml.safe_load(Path(__file__).with_name("explained_statistics.yaml").read_text("utf-8"))
    return [
        _HEAD,
        f"**{sum(one.ok for one in every)} of {len(every)} within what was asked.**\n",
        "### 95 % intervals hold the true difference\n",
        checks_table(covered, "the true difference"),
        "### Two equal models told apart\n",
        checks_table(told, ""),
        *(f"- {' '.join(text.split())}" for text in why.get("pooled", ())),
        "",
    ]
