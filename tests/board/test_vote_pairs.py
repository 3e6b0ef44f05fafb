from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from evalharness.board.leaderboard import leaderboard
from evalharness.board.vote_board import selection_of, strengths_of
from evalharness.board.vote_pairs import Answers, Pair, Shown, deal, read_answers
from evalharness.board.vote_records import Votes, read_votes
from evalharness.board.votes import Strengths
from tests.board.voted import vote


def laid_out(bench: Any, models: int = 3, prompts: int = 4, seeds: int = 2) -> str:
    suite: str = bench.suite(prompts=prompts)
    for n in range(models):
        bench.model(f"m{n}")
        for prompt in range(prompts):
            for seed in range(seeds):
                key = bench.job(suite, f"m{n}", prompt, seed)
                bench.attempt(key)
                bench.artifact(key)
    return suite


def read(bench: Any, **options: Any) -> tuple[Answers, Votes, Strengths]:
    connection = bench.publish()
    selection = selection_of(leaderboard(connection, "tiny", **options))
    votes = read_votes(connection, selection)
    answers = read_answers(connection, selection)
    connection.close()
    return answers, votes, strengths_of(votes, len(selection.variants))


def sitting(
    found: tuple[Answers, Votes, Strengths], pairs: int, voter: str = "me", seed: int = 1
) -> list[Pair]:
    rng, shown, dealt = np.random.default_rng(seed), set[Shown](), []
    for _ in range(pairs):
        pair = deal(*found, voter, shown, rng)
        if pair is None:
            break
        shown.add(pair.shown)
        dealt.append(pair)
    return dealt


def test_a_sitting_ends_when_every_pair_was_shown_once(bench: Any) -> None:
    laid_out(bench)
    found = read(bench)
    dealt = sitting(found, 100)
    assert len(dealt) == len({pair.shown for pair in dealt}) == found[0].pairs() == 3 * 8
    for pair in dealt:
        assert pair.left.variant != pair.right.variant
        assert pair.left.job_key != pair.right.job_key
        assert pair.text == f"prompt {pair.prompt_id[1:]}"


def test_pairs_of_models_prompts_and_sides_come_up_alike(bench: Any) -> None:
    laid_out(bench, models=4, prompts=6, seeds=10)
    dealt = sitting(read(bench), 120)
    models = Counter(frozenset((p.left.variant.model, p.right.variant.model)) for p in dealt)
    assert set(models.values()) == {20}
    each = Counter(
        (frozenset((p.left.variant.model, p.right.variant.model)), p.prompt_id) for p in dealt
    )
    assert set(each.values()) <= {3, 4} and len(each) == 36
    first_left = sum(p.left.variant.model < p.right.variant.model for p in dealt)
    assert 40 <= first_left <= 80


def test_pairs_with_fewer_votes_come_first(bench: Any) -> None:
    suite = laid_out(bench)
    for prompt in range(4):
        vote(bench, suite, ("m0", "m1"), prompt, "left")
        vote(bench, suite, ("m0", "m2"), prompt, "left")
    (pair,) = sitting(read(bench), 1)
    assert {pair.left.variant.model, pair.right.variant.model} == {"m1", "m2"}


def test_of_equally_voted_pairs_the_less_certain_comes_first(bench: Any) -> None:
    suite = laid_out(bench, prompts=12, seeds=1)
    for prompt in range(12):
        vote(bench, suite, ("m0", "m1"), prompt, "left" if prompt else "right")
        vote(bench, suite, ("m0", "m2"), prompt, "left" if prompt > 1 else "right")
        vote(bench, suite, ("m1", "m2"), prompt, "left" if prompt % 2 else "right")
    dealt = sitting(read(bench), 2)
    assert {dealt[0].left.variant.model, dealt[0].right.variant.model} == {"m1", "m2"}


def test_what_a_voter_has_voted_on_is_not_shown_again(bench: Any) -> None:
    suite = laid_out(bench, models=2, prompts=2, seeds=1)
    vote(bench, suite, ("m1", "m0"), 0, "tie", voter="me")
    found = read(bench)
    assert [pair.prompt_id for pair in sitting(found, 9)] == ["p1"]
    assert len(sitting(found, 9, voter="other")) == 2


def test_prompts_with_fewer_votes_on_a_pair_come_first(bench: Any) -> None:
    suite = laid_out(bench, models=2, prompts=3)
    vote(bench, suite, ("m1", "m0"), 0, "tie")
    vote(bench, suite, ("m0", "m1"), 2, "tie")
    assert {sitting(read(bench), 1, seed=n)[0].prompt_id for n in range(8)} == {"p1"}


def test_identical_failed_and_missing_answers_are_never_shown(bench: Any) -> None:
    suite = bench.suite(prompts=5)
    for model in ("m0", "m1"):
        bench.model(model)
        for prompt in range(5):
            key = bench.job(suite, model, prompt, 0)
            if prompt == 1 and model == "m1":
                continue  # never tried
            bench.attempt(key, "refused" if prompt == 2 and model == "m0" else "ok")
            text = "words" if prompt == 3 and model == "m0" else None
            bench.artifact(key, content="same" if prompt == 0 else None, text=text)
    dealt = sitting(read(bench), 9)
    assert [pair.prompt_id for pair in dealt] == ["p4"]


@pytest.mark.parametrize("models", [0, 1])
def test_fewer_than_two_models_give_no_pair(bench: Any, models: int) -> None:
    laid_out(bench, models=models)
    found = read(bench)
    assert (sitting(found, 1), found[0].pairs()) == ([], 0)


def test_a_slice_and_a_pool_of_models_are_kept_to(bench: Any) -> None:
    laid_out(bench)
    dealt = sitting(read(bench, where={"style": "photo"}, models=["m0", "m2"]), 99)
    assert {pair.prompt_id for pair in dealt} == {"p1", "p3"}
    assert {p.left.variant.model for p in dealt} | {p.right.variant.model for p in dealt} == {
        "m0",
        "m2",
    }
    assert len(dealt) == 4
