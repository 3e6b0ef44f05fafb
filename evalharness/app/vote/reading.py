"""What the voting page reads: answers to vote on, and the votes there are."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from evalharness.app.source import Edition, Where, board_of, reading
from evalharness.board.leaderboard import Board, leaderboard
from evalharness.board.outputs import SHORTENED
from evalharness.board.selection import select
from evalharness.board.vote_board import VoteBoard, strengths_of, vote_board
from evalharness.board.vote_pairs import Answers, read_answers
from evalharness.board.vote_records import Votes, read_votes
from evalharness.board.votes import Strengths
from evalharness.deciding.voting import BallotBox
from evalharness.ledger.store import Store


@dataclass(frozen=True, slots=True)
class Hall:
    """What pairs are dealt from."""

    answers: Answers
    votes: Votes
    strengths: Strengths
    pairs: int


@st.cache_resource(max_entries=3, show_spinner=False)  # 200,000 answers take 80 MB
def hall_of(of: Edition, suite: str, where: Where, models: tuple[str, ...]) -> Hall:
    """The answers of a suite's slice (by digest), and the published votes on them.

    No model named means all of them.
    """
    with reading(of) as connection:
        selection = select(connection, suite, dict(where), models or None)
        answers, votes = read_answers(connection, selection), read_votes(connection, selection)
    return Hall(answers, votes, strengths_of(votes, len(selection.variants)), answers.pairs())


@st.cache_resource(max_entries=16, show_spinner=False)
def votes_of(
    of: Edition, suite: str, where: Where, models: tuple[str, ...]
) -> tuple[Board, VoteBoard]:
    """The board of these models, and what the votes say of them."""
    board = None if models else board_of(of, suite, where)
    with reading(of) as connection:
        if board is None:
            board = leaderboard(connection, suite, dict(where) or None, models=models)
        return board, vote_board(connection, board)


@st.cache_resource(max_entries=512, show_spinner=False)
def text_of(of: Edition, sha256: str) -> str:
    """The words of a text artifact; the beginning and the end of a very long one."""
    with reading(of) as connection:
        found = connection.execute(
            f"SELECT {SHORTENED} FROM artifacts f WHERE f.sha256 = $sha256", {"sha256": sha256}
        ).fetchone()
    return "" if found is None or found[0] is None else str(found[0])


@st.cache_resource(show_spinner=False)
def ballot_box(store: str) -> BallotBox:
    """The one box of this process for a store."""
    return BallotBox(Store.open(store))
