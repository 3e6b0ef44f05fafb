"""Which two answers a voter is shown next: fair, informative, and blind.

The pair of models is the one whose next vote says most, as Chiang and others (2024,
arXiv:2403.04132, §5) choose it: the gain √(v/n) − √(v/(n+1)) is largest for few votes n and for a
variance v = p(1 − p) near an even chance. The prompt is one with the fewest votes on this pair,
at random; so are the seed and the sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from evalharness.board.selection import FIRST_ARTIFACT, Selection
from evalharness.board.variants import Variant
from evalharness.board.vote_records import Votes
from evalharness.board.votes import Strengths

if TYPE_CHECKING:
    import duckdb

_SUREST = 0.9
"""No chance is taken for surer than this: a few votes are no reason never to ask again."""

Shown = tuple[str, str]
"""The jobs of two answers, in the order of their keys."""

_Place = tuple[int, int, int]
"""Two variants by number, the smaller first, and the cell that both answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One of two outputs to vote on; `kind` is picture or text."""

    variant: Variant
    job_key: str
    take: int
    sha256: str
    kind: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers to one prompt with one seed."""

    prompt_id: str
    text: str
    seed: int
    left: Answer
    right: Answer

    @property
    def shown(self) -> Shown:
        """What a voter was shown, whichever side it was on."""
        first, second = sorted((self.left.job_key, self.right.job_key))
        return first, second


KINDS = ("", "picture", "text")


@dataclass(frozen=True, slots=True)
class Answers:
    """What V variants answered in N cells (a prompt and a seed each).

    `kind` (V, N) is a place in KINDS, 0 where there is no ok output. `content` (V, N) numbers the
    bytes, so that equal numbers are equal bytes, and `row` (V, N) is an answer's place in
    `answers`; both −1 where there is none. `place` and `seed` (N,) are int64.
    """

    kind: NDArray[np.int64]
    content: NDArray[np.int64]
    row: NDArray[np.int64]
    place: NDArray[np.int64]
    seed: NDArray[np.int64]
    prompts: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    where: Mapping[str, Sequence[tuple[int, int]]]

    def both(self, first: int, second: int) -> NDArray[np.bool_]:
        """(N,): cells that both answered, in the same kind but not with the same bytes."""
        kinds, contents = self.kind[[first, second]], self.content[[first, second]]
        alike = (kinds[0] > 0) & (kinds[0] == kinds[1])
        found: NDArray[np.bool_] = alike & (contents[0] != contents[1])
        return found

    def pairs(self) -> int:
        """How many different pairs of answers there are to vote on."""
        return sum(int(self.both(i, j).sum()) for i in range(len(self.row)) for j in range(i))


def read_answers(connection: duckdb.DuckDBPyConnection, selection: Selection) -> Answers:
    """The ok outputs of a selection whose first artifact is a picture or a text."""
    prompts = connection.execute(
        f"SELECT prompt_id, text FROM ({selection.wanted}) ORDER BY place",
        selection.wanted_parameters,
    ).fetchall()
    rows = connection.execute(
        selection.placed()
        + f"""
        SELECT p.variant, p.place, p.seed, p.job_key, p.take, f.sha256, f.kind, f.width, f.height
        FROM placed p
        {FIRST_ARTIFACT}
        JOIN artifacts f ON f.sha256 = a.sha256
        WHERE p.status = 'ok' AND f.kind IN ('picture', 'text')
        ORDER BY p.place, p.seed, p.variant
        """,
        selection.parameters,
    ).fetchall()
    cells = {cell: n for n, cell in enumerate(dict.fromkeys((row[1], row[2]) for row in rows))}
    contents: dict[str, int] = {}
    shape = (len(selection.variants), len(cells))
    kinds, content, row_of = np.zeros(shape, np.int64), np.full(shape, -1), np.full(shape, -1)
    answers: list[Answer] = []
    where: dict[str, list[tuple[int, int]]] = {}
    for variant, place, seed, job, take, sha256, kind, width, height in rows:
        at = variant, cells[place, seed]
        kinds[at] = KINDS.index(kind)
        content[at] = contents.setdefault(sha256, len(contents))
        row_of[at] = len(answers)
        shown = selection.variants[variant]
        answers.append(Answer(shown, job, take, sha256, kind, width, height))
        where.setdefault(job, []).append(at)
    return Answers(
        kind=kinds,
        content=content,
        row=row_of,
        place=np.array([place for place, _ in cells], dtype=np.int64),
        seed=np.array([seed for _, seed in cells], dtype=np.int64),
        prompts=tuple((row[0], row[1]) for row in prompts),
        answers=tuple(answers),
        where=where,
    )


def voted_by(votes: Votes, voter: str) -> set[Shown]:
    """What a voter has voted on already."""
    found = set()
    for n in (n for n, name in enumerate(votes.voters) if name == voter):
        jobs = (votes.outputs[at].job_key for at in (votes.left_output[n], votes.right_output[n]))
        first, second = sorted(jobs)
        found.add((first, second))
    return found


def _places(answers: Answers, shown: Iterable[Shown]) -> set[_Place]:
    """Where these pairs stand among the answers; those of other models and prompts nowhere."""
    return {
        (min(i, j), max(i, j), cell)
        for first, second in shown
        for i, cell in answers.where.get(first, ())
        for j, other in answers.where.get(second, ())
        if cell == other and i != j
    }


def deal(
    answers: Answers,
    votes: Votes,
    strengths: Strengths,
    voter: str,
    shown: Iterable[Shown],
    rng: np.random.Generator,
) -> Pair | None:
    """The next pair for a voter; None when there is nothing left that they have not seen.

    What they were `shown` in this sitting counts beside the published votes, so that it moves on
    before its votes are published.
    """
    published = voted_by(votes, voter)
    waiting = _places(answers, set(shown) - published)
    seen = _places(answers, published) | waiting
    for first, second in _most_telling(answers, votes, strengths, waiting, rng):
        free = answers.both(first, second)
        free[[cell for i, j, cell in seen if (i, j) == (first, second)]] = False
        open_cells = np.flatnonzero(free)
        if len(open_cells):
            own = answers.place[[cell for i, j, cell in waiting if (i, j) == (first, second)]]
            counts = _votes_by_prompt(answers, votes, first, second)
            np.add.at(counts, own, 1)
            cell = _fairest(answers.place[open_cells], counts, rng)
            place = (first, second, int(open_cells[cell]))
            return _pair(answers, place, swapped=bool(rng.integers(2)))
    return None


def _votes_by_prompt(answers: Answers, votes: Votes, first: int, second: int) -> NDArray[np.int64]:
    """(P,): how many votes two variants have on each prompt."""
    low, high = np.minimum(votes.left, votes.right), np.maximum(votes.left, votes.right)
    theirs = votes.place[(low == first) & (high == second)]
    return np.bincount(theirs, minlength=len(answers.prompts)).astype(np.int64)


def _fairest(places: NDArray[np.int64], counts: NDArray[np.int64], rng: np.random.Generator) -> int:
    """Which of the cells at these places (n,): of a prompt with the fewest votes, at random.

    The prompt is drawn first and then the seed, so that prompts with many seeds are no likelier.
    """
    fewest = places[counts[places] == counts[places].min()]
    chosen = rng.choice(np.unique(fewest))
    return int(rng.choice(np.flatnonzero(places == chosen)))


def _most_telling(
    answers: Answers,
    votes: Votes,
    strengths: Strengths,
    waiting: Iterable[_Place],
    rng: np.random.Generator,
) -> Iterator[tuple[int, int]]:
    """Pairs of variants, the one whose next vote says most first; equals in random order."""
    size = len(answers.row)
    counts = np.zeros((size, size))
    np.add.at(counts, (votes.left, votes.right), 1)
    counts = counts + counts.T
    for first, second, _ in waiting:
        counts[first, second] += 1
    apart = strengths.values[:, None] - strengths.values[None, :]
    same = strengths.groups[:, None] == strengths.groups[None, :]
    chance = np.where(same & np.isfinite(apart), expit(np.nan_to_num(apart)), 0.5)
    chance = np.clip(chance, 1 - _SUREST, _SUREST)
    gain = np.sqrt(chance * (1 - chance)) * (1 / np.sqrt(counts + 1) - 1 / np.sqrt(counts + 2))
    ones, others = np.triu_indices(size, 1)
    order = np.lexsort((rng.random(len(ones)), -gain[ones, others]))
    yield from ((int(ones[at]), int(others[at])) for at in order)


def _pair(answers: Answers, place: _Place, swapped: bool) -> Pair:
    first, second, cell = place
    sides = [answers.answers[answers.row[v, cell]] for v in (first, second)]
    if swapped:
        sides.reverse()
    prompt_id, text = answers.prompts[int(answers.place[cell])]
    return Pair(prompt_id, text, int(answers.seed[cell]), sides[0], sides[1])
