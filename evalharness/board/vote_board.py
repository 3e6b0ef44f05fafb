"""What votes say of the models on a board: strengths, ranks, and how far that can be trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from evalharness.board.leaderboard import Board
from evalharness.board.selection import Selection
from evalharness.board.variants import Variant
from evalharness.board.vote_agreement import MetricAgreement, agreements
from evalharness.board.vote_records import (
    BOTH_BAD,
    LEFT,
    TIE,
    Votes,
    read_votes,
    votes_elsewhere,
)
from evalharness.board.vote_shares import Share, share_of, votes_to_rank
from evalharness.board.votes import Strengths, clustered_bradley_terry
from evalharness.metrics.intervals import FEWEST_PROMPTS

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Standing:
    """A model by its votes.

    `strength` is in log odds (the models' mean is 0), `low` and `high` its 95 % interval; `chance`
    (0…1) of being preferred to a model of strength 0, with the same interval. `reason` says why
    one of them is missing. `both_bad` is how often an answer of it was one of two bad ones.
    """

    model: str
    title: str
    variant: str
    votes: int
    won: int
    lost: int
    tied: int
    both_bad: Share
    strength: float | None
    low: float | None
    high: float | None
    chance: float | None
    chance_low: float | None
    chance_high: float | None
    rank_low: int | None
    rank_high: int | None
    tie_group: str
    reason: str


@dataclass(frozen=True, slots=True)
class VoteBoard:
    """What the votes on a suite's slice say.

    Rows stand in the order of strength, models without one last. A tie and `both bad` count as
    half a vote for each side; errors know that votes on one prompt are alike. `left` is the share
    of the left side among decisive votes: sides are drawn by chance, so it should be a half.
    `elsewhere` counts the suite's votes on other prompts, models, settings or takes. `needed` is
    about how many votes tell two of these models apart when one of them is preferred in 65 % of
    the pairs, None for fewer than two models.
    """

    suite: str
    version: int
    title: str
    digest: str
    slice: Mapping[str, str]
    rows: tuple[Standing, ...]
    votes: int
    decisive: int
    prompts: int
    voters: int
    left: Share
    elsewhere: int
    comparable: bool
    needed: int | None
    agreement: tuple[MetricAgreement, ...] = field(default=())
    confidence: float = 0.95


def selection_of(board: Board) -> Selection:
    """The models and prompts of a board, in the order of the models' names."""
    rows = sorted(board.rows, key=lambda row: (row.model, row.variant))
    variants = tuple(Variant(row.model, row.title, row.variant, row.licence) for row in rows)
    return Selection(board.digest, variants, board.slice)


def strengths_of(votes: Votes, variants: int) -> Strengths:
    """The strengths of so many variants, votes clustered by prompt."""
    return clustered_bradley_terry(variants, votes.left, votes.right, votes.score, votes.place)


def vote_board(connection: duckdb.DuckDBPyConnection, board: Board) -> VoteBoard:
    """The votes between the models of `board`, on its slice, and what its metrics say of them."""
    selection = selection_of(board)
    votes = read_votes(connection, selection)
    strengths = strengths_of(votes, len(selection.variants))
    standings = [_standing(v, selection.variants[v], votes, strengths)
                 for v in range(len(selection.variants))]  # fmt: skip
    standings.sort(key=lambda one: (one.strength is None, -(one.strength or 0.0), -one.votes))
    decisive = votes.decisive
    return VoteBoard(
        suite=board.suite,
        version=board.version,
        title=board.title,
        digest=board.digest,
        slice=board.slice,
        rows=tuple(standings),
        votes=len(votes),
        decisive=int(decisive.sum()),
        prompts=len(np.unique(votes.place)),
        voters=len(set(votes.voters)),
        left=share_of(votes.choice[decisive] == LEFT, votes.place[decisive]),
        elsewhere=votes_elsewhere(connection, board.digest, votes),
        comparable=strengths.comparable and len(selection.variants) > 1,
        needed=votes_to_rank(len(selection.variants)),
        agreement=agreements(connection, selection, votes, strengths, board),
    )


def _standing(v: int, variant: Variant, votes: Votes, strengths: Strengths) -> Standing:
    on_left, on_right = votes.left == v, votes.right == v
    mine = on_left | on_right
    score = np.where(on_left, votes.score, 1 - votes.score)[mine]
    bad = votes.choice[mine] == BOTH_BAD
    value, low, high, reason = _strength(v, votes, strengths)
    ranking = strengths.ranking if low is not None else None
    return Standing(
        model=variant.model,
        title=variant.title,
        variant=variant.variant,
        votes=int(mine.sum()),
        won=int((score == 1).sum()),
        lost=int((score == 0).sum()),
        tied=int((votes.choice[mine] == TIE).sum()),
        both_bad=share_of(bad, votes.place[mine]),
        strength=value,
        low=low,
        high=high,
        chance=_chance(value),
        chance_low=_chance(low),
        chance_high=_chance(high),
        rank_low=None if ranking is None else ranking.low[v],
        rank_high=None if ranking is None else ranking.high[v],
        tie_group="" if ranking is None else ranking.groups[v] or "",
        reason=reason,
    )


def _strength(
    v: int, votes: Votes, strengths: Strengths
) -> tuple[float | None, float | None, float | None, str]:
    """Strength with its interval, and why one of these is missing."""
    reason = _no_strength(v, votes, strengths)
    if reason:
        return None, None, None, reason
    value = float(strengths.values[v])
    members = strengths.groups == strengths.groups[v]
    prompts = len(np.unique(votes.place[members[votes.left] & members[votes.right]]))
    if prompts < FEWEST_PROMPTS:
        return value, None, None, f"an interval needs {FEWEST_PROMPTS} prompts, so far {prompts}"
    low, high = float(strengths.low[v]), float(strengths.high[v])
    if not (math.isfinite(low) and math.isfinite(high)):
        return value, None, None, "its votes show no spread between prompts, so no interval"
    alone = "" if strengths.comparable else "beside those that votes lead to and back only"
    return value, low, high, alone


def _no_strength(v: int, votes: Votes, strengths: Strengths) -> str:
    """Why a model has no strength beside the others; empty where it has one."""
    if strengths.groups[v] < 0:
        return "no votes yet"
    if strengths.comparable:
        return ""
    on_left, on_right = votes.left == v, votes.right == v
    score = np.where(on_left, votes.score, 1 - votes.score)[on_left | on_right]
    if (score == 1).all():
        return "never beaten, so without a finite strength"
    if (score == 0).all():
        return "never won, so without a finite strength"
    return "votes do not lead to the others and back" if strengths.groups[v] > 0 else ""


def _chance(strength: float | None) -> float | None:
    return None if strength is None else float(expit(strength))
