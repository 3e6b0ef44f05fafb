"""A judge whose every bias is programmed, so that what metrics make of its verdicts can be checked.

Its source is its programme, such as `fake_judge:place=0.2,length=1.5,refuse=0.1`:

  place    probability that it takes the first answer whatever is in them
  length   how much a length advantage of 100 characters adds to an answer's worth
  noise    standard deviation of what else it finds in an answer (1 unless given)
  refuse   probability that it says no verdict

An answer is worth 1 more than its rival where it alone holds the question's reference, and 1 less
where the rival alone does; without a reference all are worth the same. Chance is decided by what it
is shown.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import BadInputError
from evalharness.core.judging import Asked
from evalharness.core.nouns import Instrument, Resolution
from evalharness.core.outcomes import Exchange, FeatureValue, Seeable
from evalharness.extractors.subjects import exchanges
from evalharness.extractors.weightless import Weightless

USUAL: Mapping[str, float] = {"place": 0.0, "length": 0.0, "noise": 1.0, "refuse": 0.0}


def programme(instrument: Instrument) -> dict[str, float]:
    """The numbers in an instrument's source; raises BadInputError."""
    found = dict(USUAL)
    for pair in filter(None, instrument.source.split(",")):
        name, _, value = pair.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if name not in USUAL or not math.isfinite(number):
            raise BadInputError(
                f"instrument {instrument.name!r}: found {pair!r}; expected some of "
                f"{', '.join(USUAL)}, each with a number, such as fake_judge:place=0.2,length=1."
            )
        found[name] = number
    return found


class FakeJudge(Weightless):
    """Verdicts and grades as programmed."""

    def __init__(self, instrument: Instrument, resolution: Resolution) -> None:
        super().__init__(instrument, resolution)
        self._biases = programme(instrument)

    def extract(self, subjects: Sequence[Seeable]) -> Sequence[FeatureValue]:
        """One judgement an exchange; no scalar where it refuses."""
        return [self._judge(exchange) for exchange in exchanges(subjects, "fake_judge")]

    def _judge(self, exchange: Exchange) -> FeatureValue:
        asked, bias = Asked.read(exchange.asked), self._biases
        chance = random.Random(f"{exchange.answer}\0{exchange.asked}")
        # what it finds in the two answers does not change with their places
        found = random.Random(f"{exchange.answer}\0{asked.question}\0{asked.rival}")
        if chance.random() < bias["refuse"]:
            return FeatureValue(text="I would rather not say.")
        worth = self._worth(exchange.answer, asked) + found.gauss(0.0, bias["noise"])
        if asked.rival is None:
            grade = min(10, max(1, round(5.5 + 2 * worth)))
            return FeatureValue(scalar=float(grade), text=f"[[{grade}]]")
        worth -= self._worth(asked.rival, asked)
        if chance.random() < bias["place"]:
            worth = 1.0 if asked.place == "first" else -1.0
        verdict = float(worth > 0)
        letter = "A" if (asked.place == "first") == bool(verdict) else "B"
        return FeatureValue(scalar=verdict, text=f"[[{letter}]]")

    def _worth(self, text: str, asked: Asked) -> float:
        right = asked.reference is not None and asked.reference.casefold() in text.casefold()
        return float(right) + self._biases["length"] * len(text) / 100


def resolve(instrument: Instrument) -> Resolution:
    """Nothing to find: the source is the programme. Raises BadInputError."""
    programme(instrument)
    return Resolution(revision=f"code {instrument.source}", location="")


ENTRY = ExtractorEntry(
    name="fake_judge",
    version=1,
    reads=frozenset({"exchange"}),
    gives=frozenset({"grade", "verdict"}),
    resolve=resolve,
    implementation="evalharness.extractors.fake_judge:FakeJudge",
    packaged=True,
)
