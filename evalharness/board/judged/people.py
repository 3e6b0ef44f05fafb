"""How far a judge agrees with people who voted on the very same answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evalharness.board.judged.contests import Contest
from evalharness.board.vote_records import LEFT, Votes
from evalharness.board.vote_shares import Share, share_of


def agreement(contests: Sequence[Contest], scores: NDArray[np.float64], votes: Votes) -> Share:
    """The share of votes for one side in which the judge prefers that side, by prompts.

    `scores` (n,) are the contests', 1 for the first answer, 0 for the second, NaN unscored; where
    the judge calls both even it counts half, so that a coin reaches a half.
    """
    judged = {
        (one.place, one.seed, one.first, one.second, one.takes): float(score)
        for one, score in zip(contests, scores, strict=True)
        if np.isfinite(score)
    }
    agrees, places = [], []
    for i in np.flatnonzero(votes.decisive):
        sides = [
            (int(votes.left[i]), votes.outputs[votes.left_output[i]].take),
            (int(votes.right[i]), votes.outputs[votes.right_output[i]].take),
        ]
        (first, take), (second, other) = sorted(sides)
        place = int(votes.place[i])
        score = judged.get((place, int(votes.seed[i]), first, second, (take, other)))
        if score is not None:
            preferred = sides[0 if votes.choice[i] == LEFT else 1][0]
            agrees.append(score if preferred == first else 1.0 - score)
            places.append(place)
    return share_of(agrees, np.array(places, np.int64))
