"""Do intervals of error rates and of embeddings hold what is counted over every possible answer?

What a scribe may say is known: the target, the sentence that declines, or one of a few wrong
answers, as often each. So the truth is a sum over them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evalharness.backends.scribe.words import DECLINED, SENTENCES, language
from evalharness.core.nouns import Prompt
from evalharness.extractors.fake import DIMENSIONS, text_vector
from evalharness.metrics.text.answers import accepted
from evalharness.metrics.text.error_rates import edits
from evalharness.metrics.text.translation import statistics
from tests.validity.rates import Checked, Rate
from tests.validity.text_prompts import prompts
from tests.validity.text_rates import ACCURACIES, COVERED, PROMPTS, SEEDS, STUBBORN
from tests.validity.text_scribes import answered, value

Counts = tuple[float, float]
Said = Sequence[tuple[str, float]]
"""Texts and how often each is said."""

_EDITS: Final[Mapping[str, Callable[[Prompt, str], Counts]]] = {
    "wer": lambda prompt, text: edits(text, accepted(prompt), str.split),
    "cer": lambda prompt, text: edits(text, accepted(prompt), list),
    "ter": lambda prompt, text: _percent(*statistics("ter", text, accepted(prompt))),
}
DRAWS: Final = 300
SURPRISES: Final = (1.0, 1.5, 3.0)
HANDS: Final = 20
_EQUAL: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Case:
    """A metric, the prompts it is measured with, and how often they are answered rightly."""

    kind: str
    metric: str
    accuracy: float
    decline: float = 0.0

    @property
    def asked(self) -> tuple[Prompt, ...]:
        """The prompts."""
        return prompts(self.kind)[:PROMPTS]

    @property
    def what(self) -> str:
        """In words."""
        declined = f", declined {self.decline:g}" if self.decline else ""
        return (
            f"`{self.metric}`, {self.kind}, accuracy {self.accuracy:g}{declined}: "
            f"{len(self.asked)} prompts × {SEEDS} seeds"
        )

    def truth(self) -> float:
        """What the metric comes to over every possible answer."""
        if self.metric in _EDITS:
            return self._rate(_EDITS[self.metric])
        likeness = self.metric.startswith("semantic_similarity")
        return float(np.mean([self._like(p) if likeness else self._unlike(p) for p in self.asked]))

    def _said(self, prompt: Prompt, right: float) -> Said:
        other = (1.0 - self.decline) * (1.0 - right)
        wrong = _wrong(prompt)
        return [
            (DECLINED[_spoken(prompt)], self.decline),
            (str(prompt.target), (1.0 - self.decline) * right),
            *((text, other / len(wrong)) for text in wrong),
        ]

    def _rate(self, counted: Callable[[Prompt, str], Counts]) -> float:
        of = np.zeros(2)
        for prompt in self.asked:
            for text, often in self._said(prompt, self.accuracy):
                of += often * np.array(counted(prompt, text))
        return float(of[0] / of[1])

    def _like(self, prompt: Prompt) -> float:
        said = self._said(prompt, self.accuracy)
        return 1.0 - _apart(said, [(str(prompt.target), 1.0)])

    def _unlike(self, prompt: Prompt) -> float:
        said, wrong = (self._said(prompt, right) for right in (self.accuracy, 0.0))
        stubborn = (1.0 - self.accuracy) * _apart(wrong, wrong)
        return STUBBORN * stubborn + (1.0 - STUBBORN) * _apart(said, said)


def cases() -> Iterator[Case]:
    """Rates that are shares in all but name; rates without an upper end; embeddings."""
    for accuracy in ACCURACIES:
        yield Case("numbers", "cer", accuracy)
        yield Case("names", "wer", accuracy)
        for metric in _EDITS:
            yield Case("sentences", metric, accuracy)
        for metric in ("semantic_similarity", "answer_diversity"):
            yield Case("numbers", f"{metric}[fake]", accuracy)
    yield Case("names", "wer", 1.0, decline=0.05)


def counted() -> Iterator[Checked]:
    """How often each interval holds its truth; and error rates' limits, which are 0 at least."""
    for case in cases():
        truth, held, within = case.truth(), 0, 0
        for hand in range(DRAWS):
            options = {"accuracy": case.accuracy, "decline": case.decline, "stubborn": STUBBORN}
            found = value(case.metric, answered(case.asked, SEEDS, **options, hand=hand))
            low, high = found.low, found.high
            held += low is not None and high is not None and low <= truth <= high
            within += low is None or low >= 0.0
        beside = f"{truth:.4g}"
        yield Checked(case.what, Rate(held, DRAWS), *COVERED, chance=True, beside=beside)
        if case.metric in _EDITS:
            limits = f"limits of {case.what} are 0 or more"
            yield Checked(limits, Rate(within, DRAWS), 1.0, 1.0)


def perplexities() -> Iterator[Checked]:
    """Of scribes that refuse a third: each byte costs just the bits that were programmed."""
    for name in ("bytes", "words"):
        held = 0
        for surprise in SURPRISES:
            for hand in range(HANDS):
                table = answered(prompts("passages"), 1, surprise=surprise, refuse=0.3, hand=hand)
                texts = [prompt.continuations[0] for prompt in table.prompts]
                size = sum(len(text.encode()) for text in texts)
                # a passage begins with a space, and what is before it counts as a word
                parts = size if name == "bytes" else sum(len(text.split()) + 1 for text in texts)
                found = value(f"perplexity.{name}", table).mean
                held += math.isclose(found, 2.0 ** (surprise * size / parts), rel_tol=_EQUAL)
        rate = Rate(held, HANDS * len(SURPRISES))
        yield Checked(f"`perplexity.{name}` is what was programmed", rate, 1.0, 1.0)


def _percent(made: float, length: float) -> Counts:
    return 100.0 * made, length


def _wrong(prompt: Prompt) -> list[str]:
    """The wrong answers to a prompt: another last digit, another word, another sentence."""
    target = str(prompt.target)
    if target.isdecimal():
        return [target[:-1] + digit for digit in "123456789" if digit != target[-1]]
    if " " not in target:
        return ["Another"]  # whichever it is, one word of one is wrong
    bare = [_bare(text) for text in accepted(prompt)]
    return [one for one in SENTENCES[_spoken(prompt)] if not any(b in _bare(one) for b in bare)]


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _spoken(prompt: Prompt) -> str:
    return language(str(prompt.checks.get("language", "en")))


def _apart(some: Said, others: Said) -> float:
    """The mean of 1 − cos between what is said here and there."""
    left, right = _mean_direction(some), _mean_direction(others)
    both = sum(share for _, share in some) * sum(share for _, share in others)
    return both - float(left @ right)


def _mean_direction(said: Said) -> NDArray[np.float64]:
    """Σ share · unit vector."""
    total = np.zeros(DIMENSIONS)
    for text, share in said:
        vector = text_vector(text).astype(np.float64)
        total += share * vector / np.linalg.norm(vector)
    return total
