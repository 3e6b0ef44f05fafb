"""The votes on a selection's outputs, as arrays.

A vote is about two outputs to one prompt, so it counts in every suite that both belong to under
the variants shown: a new version of a suite keeps the votes on the outputs it keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalharness.board.selection import Selection

if TYPE_CHECKING:
    import duckdb

CHOICES = ("left", "right", "tie", "both_bad")
"""What counts; a vote whose latest row says anything else was taken back."""

LEFT, RIGHT, TIE, BOTH_BAD = range(len(CHOICES))


@dataclass(frozen=True, slots=True)
class Output:
    """An output that was voted on, as the answer to a prompt (its digest)."""

    job_key: str
    take: int
    prompt: str


@dataclass(frozen=True, slots=True)
class Votes:
    """n votes on V variants; every array is int64 (n,).

    `left` and `right` number the variants, `choice` is a place in CHOICES, `place` the prompt's
    among the wanted ones. `left_output` and `right_output` are places in `outputs`. `voters` (n,)
    are opaque.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    choice: NDArray[np.int64]
    place: NDArray[np.int64]
    seed: NDArray[np.int64]
    left_output: NDArray[np.int64]
    right_output: NDArray[np.int64]
    outputs: tuple[Output, ...]
    names: tuple[str, ...]
    voters: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.left)

    @property
    def decisive(self) -> NDArray[np.bool_]:
        """(n,): whether one side was preferred."""
        found: NDArray[np.bool_] = self.choice <= RIGHT
        return found

    @property
    def score(self) -> NDArray[np.float64]:
        """(n,): 1 where left won, 0 where right did, ½ where neither."""
        return np.array([1.0, 0.0, 0.5, 0.5])[self.choice]


def read_votes(connection: duckdb.DuckDBPyConnection, selection: Selection) -> Votes:
    """Every vote that counts between two of the selection's variants on its prompts."""
    rows = connection.execute(
        selection.placed()
        + """
        SELECT v.vote, v.voter, l.variant, r.variant, list_position($choices, v.choice) - 1,
               l.place, l.seed, l.prompt, l.job_key, v.left_take, r.job_key, v.right_take
        FROM votes v
        JOIN placed l ON l.job_key = v.left_job AND $models[l.variant + 1] = v.left_model
        JOIN placed r ON r.job_key = v.right_job AND $models[r.variant + 1] = v.right_model
                     AND r.prompt_id = l.prompt_id AND r.seed = l.seed AND r.variant <> l.variant
        WHERE list_contains($choices, v.choice)
        QUALIFY row_number() OVER (
            PARTITION BY v.vote
            -- takes of one model may stand on several sides, and a vote was about one of them
            ORDER BY (l.prompt_id = v.prompt_id) DESC,
                     (l.take IS NOT DISTINCT FROM v.left_take
                      AND r.take IS NOT DISTINCT FROM v.right_take) DESC,
                     l.place) = 1
        ORDER BY v.made_at, v.vote
        """,
        selection.parameters | {"choices": list(CHOICES)},
    ).fetchall()
    numbers: dict[Output, int] = {}

    def number(output: Output) -> int:
        return numbers.setdefault(output, len(numbers))

    lefts = [number(Output(job, take, prompt)) for *_, prompt, job, take, _, _ in rows]
    rights = [number(Output(job, take, prompt)) for *_, prompt, _, _, job, take in rows]

    def column(at: int) -> NDArray[np.int64]:
        return np.array([row[at] for row in rows], dtype=np.int64)

    return Votes(
        left=column(2),
        right=column(3),
        choice=column(4),
        place=column(5),
        seed=column(6),
        left_output=np.array(lefts, dtype=np.int64),
        right_output=np.array(rights, dtype=np.int64),
        outputs=tuple(numbers),
        names=tuple(row[0] for row in rows),
        voters=tuple(row[1] for row in rows),
    )


def votes_elsewhere(connection: duckdb.DuckDBPyConnection, digest: str, votes: Votes) -> int:
    """How many votes were cast in a version of a suite that are not among `votes`."""
    rows = connection.execute(
        "SELECT vote FROM votes WHERE suite = $suite AND list_contains($choices, choice)",
        {"suite": digest, "choices": list(CHOICES)},
    ).fetchall()
    return len({name for (name,) in rows}.difference(votes.names))
