"""Do metrics of judges find the biases that the judge was programmed with?

Every verdict of the judge is Φ(what one answer is worth more than the other), so that wins are
known exactly from the lengths of both.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

import numpy as np
from scipy.stats import norm

from evalharness.backends.scribe.words import SENTENCES
from evalharness.board.statistics import Interval
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable
from tests.validity.rates import Checked, Rate
from tests.validity.text_prompts import prompts
from tests.validity.text_scribes import answered, value

DRAWS: Final = 300
COVERED: Final = (0.93, 0.97)
PLACES: Final = (0.0, 0.2, 0.5)
LENGTHS: Final = (0.0, 0.5, 1.5)
_ROUNDING: Final = 1e-9
FILLER: Final = SENTENCES["en"]


def asked(hand: int, *, rival_right: bool) -> list[Prompt]:
    """Sixty-four questions, their rivals right or wrong, with 0 to 8 sentences drawn for a hand."""
    draws, found = random.Random(hand), []
    for prompt in prompts("names"):
        beside = " ".join(draws.sample(FILLER, draws.randrange(9)))
        rival = f"{prompt.target if rival_right else 'Nobody knows'}. {beside}".strip()
        found.append(replace(prompt, checks={"rival": rival}))
    return found


@dataclass(frozen=True, slots=True)
class Truth:
    """What a judge's metrics should give for these answers, on average over its chance."""

    win_rate: float
    consistency: float
    longer_wins: float
    win_rate_at_equal_length: float


def truth(table: OutputTable, place: float, length: float, right: float) -> Truth:
    """From the answers' and rivals' lengths; `right` (0…1) answers hold the target and rivals not.

    With the chance `place` in each order the first answer wins: the orders differ where just one
    of them was taken so, against the judge's own mind, or both were.
    """
    differences = np.array(
        [
            len(text or "") - len(str(prompt.checks["rival"]))
            for prompt, text in zip(table.prompts, table.texts, strict=True)
        ]
    )
    worth = length * differences / 100
    wins = right * norm.cdf(worth + 1) + (1 - right) * norm.cdf(worth)
    other = differences != 0
    longer = np.where(differences > 0, wins, 1 - wins)[other]
    return Truth(
        win_rate=float((1 - place) * wins.mean() + place / 2),
        consistency=1 - place,
        longer_wins=float(longer.mean()),
        win_rate_at_equal_length=float(right * norm.cdf(1) + (1 - right) * 0.5),
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """A judge's biases, and how right and long the answers are that it is shown."""

    what: str
    metrics: tuple[str, ...]
    place: float = 0.0
    length: float = 0.0
    accuracy: float = 0.8
    rival_right: bool = False

    @property
    def instrument(self) -> str:
        """The judge that is programmed so."""
        return f"fake_judge:place={self.place:g},length={self.length:g}"

    def answers(self, hand: int) -> OutputTable:
        """What a scribe of this hand answers, in a few sentences."""
        questions = asked(hand, rival_right=self.rival_right)
        return answered(questions, 1, accuracy=self.accuracy, verbosity=3, hand=hand)

    def truth(self, table: OutputTable) -> Truth:
        """What is true of these answers."""
        return truth(table, self.place, self.length, 0.0 if self.rival_right else self.accuracy)


def trials() -> Iterator[Trial]:
    """Biases for the first place; biases for length, among equals and where answers are better."""
    for place in PLACES:
        yield Trial(f"place bias {place:g}", ("consistency", "win_rate"), place=place)
    for length in LENGTHS:
        both = ("win_rate", "win_rate_at_equal_length")
        yield Trial(f"length bias {length:g}, better than rivals", both, length=length)
        every = (*both, "longer_wins")
        what = f"length bias {length:g}, as good as rivals"
        yield Trial(what, every, length=length, accuracy=1.0, rival_right=True)


def judged() -> Iterator[Checked]:
    """How often the interval of each metric holds its truth, over draws of answers and rivals."""
    for trial in trials():
        tables = [trial.answers(hand) for hand in range(DRAWS)]
        means = np.array([astuple(trial.truth(table)) for table in tables]).mean(axis=0)
        true = Truth(*means.tolist())
        for name in trial.metrics:
            found = [value(f"judge.{name}[{trial.instrument}]", table) for table in tables]
            yield _checked(f"`judge.{name}`, {trial.what}", getattr(true, name), found)


def _checked(what: str, true: float, found: Sequence[Interval]) -> Checked:
    """Nothing but 100 % can be asked where the truth allows of no spread."""
    held = 0
    for one in found:
        low = one.mean if one.low is None else one.low
        high = one.mean if one.high is None else one.high
        held += low - _ROUNDING <= true <= high + _ROUNDING
    beside = f"{true:.3f}; {np.mean([one.mean for one in found]):.3f}"
    asked_of = (1.0, 1.0) if true == 1.0 else COVERED
    return Checked(what, Rate(held, len(found)), *asked_of, chance=True, beside=beside)


def wordy() -> list[dict[str, Any]]:
    """The same right and wrong answers in few words and in many, before judges of three minds."""
    rows = []
    for length in LENGTHS:
        row: dict[str, Any] = {"length": length}
        for verbosity in (0, 3, 8):
            tables = [_answers(verbosity, hand) for hand in range(20)]
            for name in ("grade", "win_rate", "win_rate_at_equal_length"):
                metric = f"judge.{name}[fake_judge:length={length:g}]"
                row[f"{name} {verbosity}"] = float(np.mean([value(metric, t).mean for t in tables]))
        rows.append(row)
    return rows


def _answers(verbosity: int, hand: int) -> OutputTable:
    questions = asked(hand, rival_right=False)
    return answered(questions, 1, accuracy=0.8, verbosity=verbosity, hand=hand)
