from __future__ import annotations

import json

import numpy as np
import pytest
import yaml
from scipy.special import expit

import evalharness
from evalharness.board.leaderboard import leaderboard
from evalharness.board.vote_agreement import BETTER
from evalharness.board.vote_board import VoteBoard, selection_of, strengths_of, vote_board
from evalharness.board.vote_pairs import Shown, deal, read_answers
from evalharness.board.vote_records import read_votes
from evalharness.deciding.voting import BallotBox, vote_on
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store

BLURS = {"sharp": 0.0, "soft": 0.7, "softer": 1.4, "softest": 2.4}
SHARPNESS = "technical.sharpness[pixels]"


def utility(model: str) -> float:
    """What voters like: painters are programmed, so it is exactly known."""
    return -1.2 * BLURS[model]


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> VoteBoard:
    """Painters of known blur, and 240 votes by a voter who likes what is sharp."""
    folder = tmp_path_factory.mktemp("painters")
    prompts = [{"id": f"p{n}", "text": f"a red ball on a blue ground {n}"} for n in range(20)]
    (folder / "seen.jsonl").write_text("".join(json.dumps(one) + "\n" for one in prompts))
    models = [{"name": name, "backend": "painter", "options": {"blur": blur}}
              for name, blur in BLURS.items()]  # fmt: skip
    (folder / "models.yaml").write_text(yaml.safe_dump(models))
    store = Store.create(folder / "store")
    evalharness.run(
        prompts=folder / "seen.jsonl",
        models=str(folder / "models.yaml"),
        metrics=[SHARPNESS],
        seeds=(0, 1),
        store=store.root,
    )
    rng, shown, box = np.random.default_rng(11), set[Shown](), BallotBox(store, soon_s=60)
    with connect(store) as connection:
        board = leaderboard(connection, "seen")
        selection = selection_of(board)
        answers, votes = read_answers(connection, selection), read_votes(connection, selection)
    for n in range(240):
        pair = deal(answers, votes, strengths_of(votes, 4), "voter", shown, rng)
        assert pair is not None
        shown.add(pair.shown)
        left, right = (utility(side.variant.model) for side in (pair.left, pair.right))
        choice = "left" if rng.random() < expit(left - right) else "right"
        box.cast(
            vote_on(pair, choice, suite=board.digest, voter="voter", run="vote-x", vote=f"v{n}")
        )
    box.publish()
    with connect(store) as connection:
        return vote_board(connection, leaderboard(connection, "seen"))


def test_strengths_find_the_utility_that_voters_voted_by(voted: VoteBoard) -> None:
    assert [row.model for row in voted.rows] == list(BLURS)
    middle = np.mean([utility(model) for model in BLURS])
    for row in voted.rows:
        assert row.low < utility(row.model) - middle < row.high
    assert voted.left.low < 0.5 < voted.left.high
    assert (voted.votes, voted.elsewhere) == (240, 0)


def test_a_metric_that_sees_what_voters_see_agrees_as_often_as_they_follow_it(
    voted: VoteBoard,
) -> None:
    (sharpness,) = voted.agreement
    chances = [
        expit(utility(better) - utility(worse))
        for n, better in enumerate(BLURS)
        for worse in list(BLURS)[n + 1 :]
    ]
    assert sharpness.share.low < np.mean(chances) < sharpness.share.high
    assert sharpness.reading == BETTER
    assert sharpness.order == pytest.approx(1)
