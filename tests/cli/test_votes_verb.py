from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

import evalharness
from evalharness.board.leaderboard import leaderboard
from evalharness.board.vote_board import selection_of, strengths_of
from evalharness.board.vote_pairs import Shown, deal, read_answers
from evalharness.board.vote_records import read_votes
from evalharness.board.vote_tables import agreement_frame, standings_frame
from evalharness.cli.main import _application
from evalharness.core.errors import UnknownNameError
from evalharness.deciding.voting import BallotBox, vote_on
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store

HOSTILE = "[bold]<b>=cmd()|"


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fake painters and 24 votes, the last of them not published."""
    folder = tmp_path_factory.mktemp("painted")
    prompts = [
        {"id": f"p{n}", "text": f"a red ball {n}", "tags": {"odd": str(n % 2)}} for n in range(12)
    ]
    (folder / "mine.jsonl").write_text("".join(json.dumps(one) + "\n" for one in prompts))
    models = [
        {"name": "sharp", "title": "Sharp", "backend": "painter"},
        {"name": "soft", "title": HOSTILE, "backend": "painter", "options": {"blur": 2.0}},
    ]
    (folder / "models.yaml").write_text(yaml.safe_dump(models))
    store = Store.create(folder / "store")
    evalharness.run(
        prompts=folder / "mine.jsonl",
        models=str(folder / "models.yaml"),
        metrics=["technical.sharpness[pixels]"],
        seeds=(0, 1),
        store=store.root,
    )
    box, shown, rng = BallotBox(store, soon_s=600), set[Shown](), np.random.default_rng(3)
    with connect(store) as connection:
        board = leaderboard(connection, "mine")
        selection = selection_of(board)
        answers, votes = read_answers(connection, selection), read_votes(connection, selection)
    for n in range(24):
        pair = deal(answers, votes, strengths_of(votes, 2), "me", shown, rng)
        assert pair is not None
        shown.add(pair.shown)
        sharp_left = pair.left.variant.model == "sharp"
        choice = "left" if sharp_left == (n % 4 > 0) else "right"
        row = vote_on(pair, choice, suite=board.digest, voter="me", run="vote-x", vote=f"v{n}")
        if n == 23:
            box.publish()
        box.cast(row)
    return folder


def ask(world: Path, *arguments: str) -> Any:
    words = ["votes", *arguments, "--store", str(world / "store")]
    return CliRunner().invoke(_application(words), words)


def test_votes_as_a_table_markdown_and_json(painted: Path) -> None:
    shown = ask(painted, "mine")
    assert "23 votes, 23 of them for one side, on 12 prompts by 1 voter." in shown.stdout
    assert "The journal holds more than is published" in shown.stderr
    markdown = ask(painted, "mine", "--format", "markdown").stdout
    assert "### How far metrics agree with the votes" in markdown
    found = json.loads(ask(painted, "mine", "--format", "json").stdout)
    assert [row["model"] for row in found["rows"]] == ["sharp", "soft"]
    assert found["agreement"][0]["share"]["votes"] == 23


def test_hostile_titles_are_inert_in_all_of_them(painted: Path) -> None:
    assert "[bold]<b>=cmd()|" in ask(painted, "mine").stdout
    assert r"\[bold\]\<b\>=cmd()\|" in ask(painted, "mine", "--format", "markdown").stdout


def test_a_slice_has_its_own_votes(painted: Path) -> None:
    found = evalharness.votes("mine", where={"odd": "1"}, store=painted / "store")
    assert 0 < found.votes < 23 and found.elsewhere == 23 - found.votes
    with pytest.raises(UnknownNameError):
        evalharness.votes("mine", models=["gone"], store=painted / "store")


def test_frames_have_numbers_as_numbers(painted: Path) -> None:
    found = evalharness.votes("mine", store=painted / "store")
    frame = standings_frame(found)
    assert frame["preferred"].between(0, 1).all()
    assert (frame["preferred.low"] < frame["preferred"]).all()
    assert str(frame["rank_low"].dtype) == "Int64"
    (share,) = agreement_frame(found)["agrees"]
    assert share > 0.6


def test_a_suite_without_votes_says_what_is_needed(painted: Path) -> None:
    said = ask(painted, "mine", "--models", "sharp").stdout
    assert "Nobody has voted on these models" in said
