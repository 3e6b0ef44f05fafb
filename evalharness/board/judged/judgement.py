"""What a judge's verdicts come to: win rates with intervals over prompts, and what they hang on.

A contest is won where both orders say so; where they differ, or find neither better, it counts
half, like two identical answers. One without two verdicts is unscored, and counted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from evalharness.board.judged.contested import Contested
from evalharness.board.judged.contests import Contest
from evalharness.board.judged.people import agreement
from evalharness.board.multiple import holm
from evalharness.board.paired import sign_flip_p
from evalharness.board.separated import ALPHA, Better
from evalharness.board.vote_shares import Share, share_of
from evalharness.board.votes import Strengths, clustered_bradley_terry
from evalharness.core.tables import SetValue
from evalharness.metrics.judge.lengths import LEAST, at_equal_length, length_advantage

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Judge: TypeAlias = tuple[str, str, int]
"""An instrument's name, its weights and its version."""


@dataclass(frozen=True, slots=True)
class Head2Head:
    """Two sides (models, takes or runs) by one judge; shares are the first one's.

    `rate` is how often it is judged better (ties half), `equal_length` the same were its answers as
    long as the other's (None below 30 contests). `consistent` is how often both orders came to one
    verdict, `first_place` how often the answer shown first won, `longer` how often the longer one
    did: the last two are ½ for a judge without these tastes. `split` contests are those whose
    orders differ. `p` is of a rate of ½, `adjusted` after Holm over all pairs.
    """

    first: str
    second: str
    rate: Share
    equal_length: SetValue | None
    consistent: Share
    first_place: Share
    longer: Share
    contests: int
    won: int
    lost: int
    tied: int
    split: int
    identical: int
    unscored: Mapping[str, int]
    alone: int
    p: float | None
    adjusted: float | None = None
    better: Better = ""


@dataclass(frozen=True, slots=True)
class JudgedModel:
    """A side beside all the others, by Bradley and Terry; `model` is its label.

    `chance` (0…1) of being judged better than a model of middling strength, with its 95 % interval
    over prompts; None where contests do not lead from every model to every other.
    """

    model: str
    chance: float | None
    low: float | None
    high: float | None
    rank_low: int | None
    rank_high: int | None
    tie_group: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judge's verdicts on models, takes or runs in a suite's slice, every two of them.

    `scale` has three or more of them in the order of their strength, and is empty for two. `people`
    is how often the judge prefers what voters preferred of the same two answers, `unseen` counts
    prompts with pictures, which it was not shown. `version` is the suite's, `judge_version` that of
    the way the judge is asked.
    """

    suite: str
    version: int
    title: str
    digest: str
    slice: Mapping[str, str]
    judge: str
    weights: str
    judge_version: int
    pairs: tuple[Head2Head, ...]
    scale: tuple[JudgedModel, ...]
    people: Share
    unseen: int

    @property
    def by(self) -> Judge:
        """Whose it is."""
        return self.judge, self.weights, self.judge_version


def judgement(
    of: Contested, verdicts: Floats, reasons: Sequence[str], *, judge: Judge
) -> Judgement:
    """The whole of it.

    `verdicts` (n, 2) are those of the contests found, 1, ½ or 0 for the first variant's answer,
    standing first and second, NaN where there is none; `reasons` (n,) say why. Rows of identical
    answers are not read.
    """
    entry, names, contests = of.entry, of.labels, of.contests
    scores = np.array([score_of(c, v) for c, v in zip(contests.found, verdicts, strict=True)])
    pairs = []
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            rows = [
                i
                for i, one in enumerate(contests.found)
                if (one.first, one.second) == (first, second)
            ]
            own = [contests.found[i] for i in rows]
            pair = _pair(own, verdicts[rows], [reasons[i] for i in rows])
            alone = contests.alone.get((first, second), 0)
            pairs.append(replace(pair, first=names[first], second=names[second], alone=alone))
    return Judgement(
        suite=entry.suite,
        version=entry.version,
        title=entry.title,
        digest=entry.digest,
        slice=of.selection.where,
        judge=judge[0],
        weights=judge[1],
        judge_version=judge[2],
        pairs=_separated(pairs),
        scale=_scale(names, contests.found, scores) if len(names) > 2 else (),
        people=agreement(contests.found, scores, of.votes),
        unseen=len({one.place for one in contests.found if one.question.pictures}),
    )


def score_of(contest: Contest, verdict: Floats) -> float:
    """1 where the first answer won in both orders, 0 where the second did, ½ else; NaN unscored."""
    if contest.identical:
        return 0.5
    if not np.isfinite(verdict).all():
        return np.nan
    return float(verdict[0]) if verdict[0] == verdict[1] else 0.5


def _pair(contests: Sequence[Contest], verdicts: Floats, reasons: Sequence[str]) -> Head2Head:
    scores = np.array([score_of(c, v) for c, v in zip(contests, verdicts, strict=True)])
    same = np.array([c.identical for c in contests], np.bool_)
    place = np.array([c.place for c in contests], np.int64)
    longer = np.array([len(c.answers[0]) - len(c.answers[1]) for c in contests], np.float64)
    there = np.isfinite(scores)
    judged = there & ~same
    scored, prompts = scores[there], place[there]
    agree = verdicts[judged, 0] == verdicts[judged, 1]
    # the first answer stands first in the one order and second in the other
    shown_first = np.concatenate([verdicts[judged, 0], 1.0 - verdicts[judged, 1]])
    decided = np.tile(place[judged], 2)[shown_first != 0.5]
    told = judged & (scores != 0.5) & (longer != 0)
    enough = int(there.sum()) >= LEAST
    return Head2Head(
        first="",
        second="",
        rate=share_of(scored, prompts),
        equal_length=at_equal_length(scored, length_advantage(longer[there]), prompts)
        if enough
        else None,
        consistent=share_of(agree, place[judged]),
        first_place=share_of(shown_first[shown_first != 0.5], decided),
        longer=share_of((scores[told] > 0.5) == (longer[told] > 0), place[told]),
        contests=len(contests),
        won=int((scored == 1.0).sum()),
        lost=int((scored == 0.0).sum()),
        tied=int((agree & (verdicts[judged, 0] == 0.5)).sum()),
        split=int((~agree).sum()),
        identical=int(same.sum()),
        unscored=dict(Counter(r for r, t in zip(reasons, there, strict=True) if not t)),
        alone=0,
        p=_p(scored, prompts),
    )


def _p(scores: Floats, prompts: Whole) -> float | None:
    """Two-sided, of a win rate of ½: prompts' means may as well have fallen the other way."""
    if not len(scores):
        return None
    _, own, count = np.unique(prompts, return_inverse=True, return_counts=True)
    return sign_flip_p(np.bincount(own, scores) / count - 0.5)


def _separated(pairs: Sequence[Head2Head]) -> tuple[Head2Head, ...]:
    adjusted = holm([np.nan if one.p is None else one.p for one in pairs])
    found = []
    for one, q in zip(pairs, adjusted, strict=True):
        side: Better = ""
        if one.rate.value is not None and q < ALPHA:
            side = "first" if one.rate.value > 0.5 else "second"
        found.append(replace(one, adjusted=float(q) if np.isfinite(q) else None, better=side))
    return tuple(found)


def _scale(
    models: Sequence[str], contests: Sequence[Contest], scores: Floats
) -> tuple[JudgedModel, ...]:
    there = np.isfinite(scores)
    kept = [one for one, is_there in zip(contests, there, strict=True) if is_there]
    found = clustered_bradley_terry(
        len(models),
        np.array([one.first for one in kept], np.int64),
        np.array([one.second for one in kept], np.int64),
        scores[there],
        np.array([one.place for one in kept], np.int64),
    )
    order = np.argsort(-found.values, kind="stable")  # NaN comes last
    return tuple(_judged(models[v], int(v), found) for v in order)


def _judged(model: str, v: int, found: Strengths) -> JudgedModel:
    def chance(strengths: Floats) -> float | None:
        known = found.comparable and math.isfinite(strengths[v])
        return float(expit(strengths[v])) if known else None

    ranking = found.ranking
    return JudgedModel(
        model=model,
        chance=chance(found.values),
        low=chance(found.low),
        high=chance(found.high),
        rank_low=None if ranking is None else ranking.low[v],
        rank_high=None if ranking is None else ranking.high[v],
        tie_group="" if ranking is None else ranking.groups[v] or "",
    )
