"""What a gate says; nothing in it is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias


class Outcome(StrEnum):
    """How one test, or a whole gate, came out."""

    PASS = "pass"  # noqa: S105
    REGRESSION = "regression"
    INCONCLUSIVE = "inconclusive"
    NOT_GATED = "not gated"
    BROKEN = "broken"


ANSWERED = "answered"
"""The share of outputs that are ok, judged beside the metrics where some are not."""

Sampled: TypeAlias = Literal["prompts", "turns"]
What: TypeAlias = Literal["model", "settings", "environment", "statuses"]


@dataclass(frozen=True, slots=True)
class WorsePrompt:
    """A prompt on which a model got worse; `worse` is by how much, in the metric's unit.

    `before` and `after` are sha256 digests of pictures in the store, where they are there.
    """

    prompt_id: str
    text: str
    worse: float
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """One model by one metric.

    `baseline` and `fresh` are means over the common prompts, `worse` the worsening between them
    (positive is worse, whatever the metric's direction) with one-sided 95 % bounds `low` and
    `high`, `p` its one-sided p value after Holm over the gate, `epsilon` what is tolerated,
    `detectable` what is found with 80 % power; all in the metric's unit, None where unknown.
    `needed` is the number of prompts that would decide; where models took turns, `sampled` says
    that turns are counted instead. `worst` has the prompts that got worse
    most, worst first. `reason` says why there is no verdict, or no statistics.
    """

    model: str
    metric: str
    title: str
    unit: str
    direction: str
    outcome: Outcome
    baseline: float | None = None
    fresh: float | None = None
    worse: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    epsilon: float | None = None
    detectable: float | None = None
    prompts: int = 0
    sampled: Sampled = "prompts"
    needed: int | None = None
    worst: tuple[WorsePrompt, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Something about the subject that is not as it was: what a gate judges, never refuses."""

    what: What
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class GatedModel:
    """A model of a gate. `identical` of `compared` outputs have the same bytes as before.

    `problem` says why it could not be judged at all; empty where it could.
    """

    model: str
    title: str
    compared: int
    identical: int
    statuses: Mapping[str, int]
    changes: tuple[Change, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate of a suite: `run` made the fresh take, `against` is the baseline's name.

    `judgements` are of models × metrics, those that were not gated included. `confidence` is that
    of every one-sided bound.
    """

    suite: str
    version: int
    suite_digest: str
    against: str
    run: str
    prompts: int
    seeds: int
    models: tuple[GatedModel, ...]
    judgements: tuple[Judgement, ...]
    confidence: float = 0.95

    @property
    def outcome(self) -> Outcome:
        """The whole gate's: what is certain and bad first, then what could not be done at all."""
        found = {test.outcome for test in self.judgements}
        if Outcome.REGRESSION in found:
            return Outcome.REGRESSION
        if self.problems or not self.models:
            return Outcome.BROKEN
        return Outcome.INCONCLUSIVE if Outcome.INCONCLUSIVE in found else Outcome.PASS

    @property
    def problems(self) -> Mapping[str, str]:
        """By model, why it could not be judged; that all was answered is no verdict on it."""
        gated = {
            test.model
            for test in self.judgements
            if test.outcome is not Outcome.NOT_GATED and test.metric != ANSWERED
        }
        return {
            one.model: one.problem or "none of its metrics can be gated"
            for one in self.models
            if one.problem or one.model not in gated
        }

    def count(self, outcome: Outcome) -> int:
        """How many tests came out so."""
        return sum(test.outcome == outcome for test in self.judgements)
