from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from evalharness.board.suites import find_suite
from evalharness.deciding.voting import BallotBox
from evalharness.ledger.published import connect
from evalharness.ledger.rows import VoteRow
from tests.app.conftest import Painted
from tests.app.opened import app, downloads, payloads, said
from tests.app.vote.conftest import MODELS, PROMPTS, SHARP


@pytest.fixture
def look(duelling: Painted, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    def opened(**address: Any) -> AppTest:
        return app(duelling.store.root, monkeypatch, "vote", address)

    return opened


def cast(painted: Painted, suite: str = "duel") -> None:
    """On every prompt the later name wins against the others, but for the first three prompts."""
    with connect(painted.store) as connection:
        digest = find_suite(connection, suite).digest
        jobs = {
            (model, prompt): (variant, job)
            for model, prompt, variant, job in connection.execute(
                "SELECT model, prompt_id, variant, job_key FROM members WHERE suite = $suite",
                {"suite": digest},
            ).fetchall()
        }
    box, names = BallotBox(painted.store, soon_s=600), sorted(MODELS)
    for place in range(PROMPTS):
        prompt = f"p{place:02d}"
        for one in range(3):
            left, right = names[one], names[(one + 1) % 3]
            better = (left > right) == (place >= 3)
            (left_variant, left_job), (right_variant, right_job) = (
                jobs[left, prompt],
                jobs[right, prompt],
            )
            box.cast(
                VoteRow(
                    run="votes-test", made_at=painted.now(), vote=f"{prompt}-{one}", suite=digest,
                    prompt_id=prompt, seed=0, left_model=left, left_variant=left_variant,
                    left_job=left_job, left_take=1, right_model=right,
                    right_variant=right_variant, right_job=right_job, right_take=1,
                    choice="left" if better else "right", voter="somebody",
                )
            )  # fmt: skip
    box.publish()


def test_a_pair_is_shown_without_saying_whose_it_is(look: Callable[..., AppTest]) -> None:
    test = look(suite="duel")
    (booth,) = payloads(test, "booth")
    pair = booth["queue"][0]
    assert pair["prompt"].startswith("picture number")
    assert all(pair[side]["source"].startswith("/pictures/") for side in ("left", "right"))
    assert pair["left"]["source"] != pair["right"]["source"]
    everything = json.dumps(booth) + said(test) + str([box.options for box in test.selectbox])
    assert not [name for name in (*MODELS, *MODELS.values()) if name in everything]
    assert not test.multiselect


def test_opening_the_page_writes_nothing(look: Callable[..., AppTest], duelling: Painted) -> None:
    before = sorted(str(path) for path in duelling.store.root.rglob("*"))
    for see in ("Vote", "Results"):
        look(suite="duel", see=see)
    assert sorted(str(path) for path in duelling.store.root.rglob("*")) == before


def test_a_slice_and_models_in_the_address_are_kept_to(look: Callable[..., AppTest]) -> None:
    test = look(suite="duel", models=["mona", "ottokar"], **{"tag.half": "second"})
    (booth,) = payloads(test, "booth")
    assert booth["left"] == str(PROMPTS // 2)
    assert all(int(pair["prompt"].split()[-1]) >= PROMPTS // 2 for pair in booth["queue"])
    assert "Pairs of 2 chosen models" in said(test)


def test_an_address_that_fits_nothing_falls_back(look: Callable[..., AppTest]) -> None:
    test = look(suite="duel", models=["gone"], see="gone", metric="gone", reveal="perhaps")
    (booth,) = payloads(test, "booth")
    assert booth["left"] == str(3 * PROMPTS)
    assert "Pairs of all models" in said(test)


def test_texts_are_voted_on_as_texts(look: Callable[..., AppTest]) -> None:
    (booth,) = payloads(look(suite="words"), "booth")
    texts = {booth["queue"][0][side]["text"] for side in ("left", "right")}
    assert texts == {"Hello, <i>4</i>.", "Hello, <i>0</i>."}


def test_a_single_model_is_told_what_is_missing(look: Callable[..., AppTest]) -> None:
    test = look(suite="single")
    assert "Voting needs two models" in said(test)
    assert "evalharness run single --models" in said(test)
    assert not payloads(test, "booth")
    assert not look(suite="duel", models=["mona"]).exception


def test_answers_that_do_not_differ_are_told(look: Callable[..., AppTest]) -> None:
    test = look(suite="same")
    assert "no two of these models gave different ok answers" in said(test)
    assert "2 of 2 have an ok answer" in said(test)


def test_a_planned_suite_without_answers_is_told(open_app: Callable[..., AppTest]) -> None:
    test = open_app("vote", suite="growing")
    assert "Voting needs two models" in said(test)
    assert "Nobody has voted" in said(open_app("vote", suite="growing", see="Results"))


def test_results_without_votes_say_how_many_are_needed(look: Callable[..., AppTest]) -> None:
    test = look(suite="duel", see="Results")
    assert "Nobody has voted on these models and prompts yet." in said(test)
    assert "votes, spread over all pairs, tell two of 3 models apart" in said(test)
    assert "No vote for one side yet" in said(test)
    assert not payloads(test, "tally")


def test_results_show_strengths_and_agreement(
    own_duel: Painted, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast(own_duel)
    test = app(own_duel.store.root, monkeypatch, "vote", {"suite": "duel", "see": "Results"})
    standings, agreement = payloads(test, "tally")
    titles = [row["title"] for row in standings["rows"]]
    assert titles == ["Pina Secret", "Otto Secret", "Mona Secret"]
    preferred = standings["rows"][0]["cells"][1]
    assert preferred["low"] < preferred["value"] < preferred["high"]
    assert standings["columns"][-1]["hint"] == f"by {SHARP}"
    (sharp,) = agreement["rows"]
    assert sharp["cells"][0]["value"] == pytest.approx(0.75)
    assert sharp["cells"][3]["text"].startswith("not told from a coin: about")
    assert "36 votes, 36 of them for one side, on 12 prompts by 1 voter." in said(test)
    assert downloads(test) == ["CSV", "Parquet", "Markdown"] * 2


def test_fewer_models_are_chosen_beside_the_results_and_stay_in_the_address(
    own_duel: Painted, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast(own_duel)
    test = app(own_duel.store.root, monkeypatch, "vote", {"suite": "duel", "see": "Results"})
    test.multiselect(key="vote-models").set_value(["mona", "pina"]).run()
    assert test.query_params["models"] == ["mona", "pina"]
    assert len(payloads(test, "tally")[0]["rows"]) == 2
    test.segmented_control(key="see").set_value("Vote").run()
    assert test.query_params["models"] == ["mona", "pina"]
    assert "Pairs of 2 chosen models" in said(test)


def test_a_voter_who_has_seen_all_is_told(
    own_duel: Painted, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast(own_duel)
    test = app(own_duel.store.root, monkeypatch, "vote", {"suite": "words"})
    assert payloads(test, "booth")
    monkeypatch.setattr("evalharness.app.vote.booth._voter", lambda: "somebody")
    test = app(own_duel.store.root, monkeypatch, "vote", {"suite": "duel"})
    assert "You have voted on every pair here (36 pairs)" in said(test)


def test_hostile_strings_are_data_only(open_app: Callable[..., AppTest], hostile: str) -> None:
    for see in ("Vote", "Results"):
        test = open_app("vote", suite="hostile", see=see)
        assert not any(element.proto.allow_html for element in test.markdown)
        assert "<img" not in said(test).replace("\\<", "").replace(hostile, "")


def test_votes_that_cannot_be_published_are_told(
    own_duel: Painted, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evalharness.app.vote.reading import ballot_box

    ballot_box(str(own_duel.store.root)).problem = "Disk full: <b>could not publish</b>"
    test = app(own_duel.store.root, monkeypatch, "vote", {"suite": "duel"})
    assert "cannot be published yet" in said(test)
    assert "Disk full" in said(test)


def test_a_store_without_results_says_what_to_run(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = app(tmp_path / "nowhere", monkeypatch, "vote")
    assert test.title[0].value == "No results yet"
