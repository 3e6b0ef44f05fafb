"""What answers a brief."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from evalharness.board.choose.limits import Rejected
from evalharness.board.facts import Facts

Verdict: TypeAlias = Literal["choice", "tie", "low confidence", "abstained"]
"""`choice`: one model is best with a probability of at least 0.8; `tie`: none is;
`low confidence`: fewer than 5 references or 10 prompts, too few to say how probable that is;
`abstained`: the brief does not say enough, or no model keeps to its limits."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that keeps to the limits.

    `utility` is the sum of weight × component, each in its own unit, `low`..`high` its 95 % range
    over prompts × references; `p_best` and `p_top3` are None where no honest number exists.
    `components` are the unweighted means; `pareto` marks what no other candidate beats or equals
    in all of them.
    """

    model: str
    title: str
    utility: float
    low: float | None
    high: float | None
    p_best: float | None
    p_top3: float | None
    components: Mapping[str, float]
    facts: Facts
    pareto: bool


@dataclass(frozen=True, slots=True)
class Contribution:
    """Weight × (mean of the best − mean of the runner-up) of one component."""

    component: str
    difference: float


@dataclass(frozen=True, slots=True)
class NearPicture:
    """One prompt's picture of the best (nearest to a reference, or to the words) and the
    runner-up's; the fits are the component's, in its own unit (unstandardised)."""

    prompt_id: str
    text: str
    reference: str
    best_sha256: str
    best_fit: float
    other_sha256: str
    other_fit: float


@dataclass(frozen=True, slots=True)
class Flip:
    """What would make `model` the best: another `value` for a weight, or going without a limit."""

    what: str
    model: str
    value: float | None = None
    now: float | None = None


@dataclass(frozen=True, slots=True)
class TieBreak:
    """How many more prompts, or else how many more references, would separate the first two at the
    difference seen so far (with 80 % probability); None where no affordable number of these does.
    """

    prompts: int | None
    references: int | None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The answer to a brief, its candidates in the order of their utility.

    `references` are different pictures, `copies` those given again and not counted. `best` is empty
    where none is named, `tied` holds the models of a tie (the fewest whose P(best)
    add up to 0.8), `tie_break` what would separate the first two. `measured_by` says what
    each component was seen or scored by.
    """

    suite: str
    version: int
    prompts: int
    references: int
    copies: int
    verdict: Verdict
    why: str
    best: str
    tied: tuple[str, ...]
    tie_break: TieBreak | None
    candidates: tuple[Candidate, ...]
    rejected: tuple[Rejected, ...]
    set_aside: Mapping[str, str]
    weights: Mapping[str, float]
    measured_by: Mapping[str, str]
    not_measured: tuple[str, ...]
    contributions: tuple[Contribution, ...]
    nearest: tuple[NearPicture, ...]
    flips: tuple[Flip, ...]
