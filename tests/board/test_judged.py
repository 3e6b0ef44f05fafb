"""What verdicts come to, with verdicts laid out by hand and drawn from known judges."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.board.judged.contested import Contested
from evalharness.board.judged.contests import Contest, Contests, Question
from evalharness.board.judged.judgement import Judgement, judgement
from evalharness.board.judged.tables import judge_names, judgement_sheets, sentence
from evalharness.board.selection import Selection
from evalharness.board.sheets import to_json, to_markdown
from evalharness.board.suites import SuiteEntry
from evalharness.board.variants import Variant
from evalharness.board.vote_records import LEFT, RIGHT, TIE, Output, Votes
from evalharness.core.keys import text_subject

Q = Question("What?", None, None, 0)
UNSAID = [np.nan, np.nan]


def entry() -> SuiteEntry:
    blank = dict.fromkeys(SuiteEntry.__slots__, "")
    return SuiteEntry(**blank | {"suite": "talk", "version": 1, "title": "Talk", "digest": "d"})


def votes(*rows: tuple[int, int, int, int], take: int = 0) -> Votes:
    """Of (prompt, left, right, choice)."""
    place, left, right, choice = np.array(rows, np.int64).reshape(-1, 4).T
    n = len(rows)
    where = np.zeros(n, np.int64)
    outputs = (Output("job", take, "digest"),)
    names = tuple(map(str, range(n)))
    return Votes(left, right, choice, place, where, where, where, outputs, names, ("me",) * n)


def judged(
    contests, verdicts, *, models=("a", "b"), reasons=None, alone=None, people=None
) -> Judgement:
    selection = Selection("d", tuple(Variant(m, m, f"v-{m}", None) for m in models), {})
    found = Contests(tuple(contests), alone or {})
    return judgement(
        Contested(entry(), models, selection, found, people or votes()),
        np.array(verdicts, np.float64).reshape(-1, 2),
        reasons or [""] * len(contests),
        judge=("J", "w", 1),
    )


def contest(place: int, answers=("one", "two"), first=0, second=1, question=Q) -> Contest:
    one, other = map(text_subject, answers)
    return Contest(first, second, place, 0, (0, 0), question, answers, (one, other))


def test_both_orders_must_agree_and_everything_else_counts_half():
    verdicts = [[1, 1], [0, 0], [1, 0], [0.5, 0.5], [1, 0.5], UNSAID]
    same = contest(6, ("same", "same"))
    (one,) = judged(
        [*(contest(place) for place in range(6)), same],
        [*verdicts, UNSAID],
        reasons=["", "", "", "", "", "the extractor gave no verdict", ""],
        alone={(0, 1): 3},
    ).pairs
    assert one.rate.value == pytest.approx((1 + 0 + 0.5 + 0.5 + 0.5 + 0.5) / 6)
    assert (one.won, one.lost, one.tied, one.split, one.identical) == (1, 1, 1, 2, 1)
    assert one.consistent.value == pytest.approx(3 / 5)  # identical answers were not judged
    assert one.unscored == {"the extractor gave no verdict": 1}
    assert (one.contests, one.alone) == (7, 3)


def test_a_judge_that_looks_at_places_is_found_out():
    always_first = [[1, 0]] * 40  # the first answer wins when it is shown first, and only then
    found = judged([contest(place) for place in range(40)], always_first)
    (one,) = found.pairs
    assert one.first_place.value == 1.0
    assert one.consistent.value == 0.0
    assert (one.rate.value, one.better) == (0.5, "")
    said = to_markdown(judgement_sheets(found))
    assert "favours the answer that is shown first" in said


def test_a_judge_that_likes_length_wins_nothing_at_equal_length():
    rng = np.random.default_rng(0)
    answers = [("x" * int(a), "y" * int(b)) for a, b in rng.integers(20, 200, (200, 2))]
    contests = [contest(place, pair) for place, pair in enumerate(answers)]
    verdicts = [[float(len(a) > len(b))] * 2 for a, b in answers]
    (one,) = judged(contests, verdicts).pairs
    assert one.longer.value == 1.0
    assert one.equal_length.low < 0.5 < one.equal_length.high


def test_a_better_model_is_separated_and_two_alike_are_not():
    rng = np.random.default_rng(1)
    contests = [contest(place) for place in range(100) for _ in range(2)]
    wins = np.repeat(rng.random(100) < 0.8, 2).astype(float)
    found = judged(contests, np.column_stack([wins, wins]))
    (one,) = found.pairs
    assert one.better == "first"
    assert one.rate.low < 0.8 < one.rate.high
    assert one.rate.prompts == 100
    told = sentence(one)
    assert told.startswith("a is judged better than b in ")
    assert "100 prompts (separated); both orders agree in 100 %" in told
    (other,) = judged(contests, 1 - np.column_stack([wins, wins])).pairs
    assert sentence(other).startswith("b is judged better than a in ")
    coin = np.repeat(np.arange(100) % 2, 2).astype(float)
    (even,) = judged(contests, np.column_stack([coin, coin])).pairs
    assert even.better == ""
    assert sentence(even).startswith("a and b are judged even over 200 contests on 100 prompts")


def test_seeds_of_one_prompt_are_no_independent_contests():
    rng = np.random.default_rng(2)
    prompts = (rng.random(20) < 0.6).astype(float)
    seeded = np.repeat(prompts, 8)
    contests = [contest(place) for place in range(20) for _ in range(8)]
    (many,) = judged(contests, np.column_stack([seeded, seeded])).pairs
    (once,) = judged([contest(p) for p in range(20)], np.column_stack([prompts, prompts])).pairs
    assert many.rate.high - many.rate.low == pytest.approx(once.rate.high - once.rate.low)
    assert many.p == pytest.approx(once.p)


def test_three_models_stand_on_one_scale_with_a_tie_group():
    rng = np.random.default_rng(3)
    contests, verdicts = [], []
    for first, second, chance in ((0, 1, 0.9), (0, 2, 0.9), (1, 2, 0.5)):
        for place in range(120):
            contests.append(contest(place, first=first, second=second))
            verdicts.append([float(rng.random() < chance)] * 2)
    found = judged(contests, verdicts, models=("a", "b", "c"))
    assert found.scale[0].model == "a"
    assert found.scale[0].rank_high == 1
    assert found.scale[1].tie_group == found.scale[2].tie_group != ""
    assert len(judgement_sheets(found)) == 2
    parsed = json.loads(to_json(found))
    assert parsed["scale"][0]["model"] == "a"


def test_a_model_that_never_lost_has_no_place_on_the_scale():
    pairs = ((0, 1), (0, 2), (1, 2))
    contests = [contest(place, first=f, second=s) for f, s in pairs for place in range(4)]
    verdicts = [[1, 1]] * 8 + [[1, 1], [0, 0]] * 2
    found = judged(contests, verdicts, models=("a", "b", "c"))
    assert all(one.chance is None for one in found.scale)
    assert "Not on one scale" in to_markdown(judgement_sheets(found))


def test_nothing_judged_is_said_and_not_a_half():
    found = judged([contest(0)], [UNSAID], reasons=["not judged"])
    (one,) = found.pairs
    assert (one.rate.value, one.p, one.better) == (None, None, "")
    assert "were not judged" in to_markdown(judgement_sheets(found))


def test_pictures_that_the_judge_did_not_see_are_told():
    seen = judged([contest(0, question=replace(Q, pictures=2))], [[1, 1]])
    assert seen.unseen == 1
    assert "with pictures" in to_markdown(judgement_sheets(seen))


def test_what_is_asked_does_not_hang_on_who_was_named_first():
    here, there = contest(0, ("x", "y")), contest(0, ("y", "x"))
    assert here.asked()[0] == there.asked()[0]
    assert here.subjects() == there.subjects()[::-1]
    assert here.swapped != there.swapped


def test_a_judge_is_held_against_people_who_voted_on_the_same_answers():
    contests = [contest(place) for place in range(12)]
    verdicts = [*[[1, 1]] * 9, [0, 0], [1, 0], UNSAID]  # the first better, but for the last three
    people = votes(
        (0, 0, 1, LEFT),  # agrees
        (1, 1, 0, RIGHT),  # agrees: the first model stood on the right
        (2, 0, 1, RIGHT),  # does not
        (9, 0, 1, RIGHT),  # agrees
        (10, 0, 1, LEFT),  # the judge calls it even: a half
        (11, 0, 1, LEFT),  # it said nothing
        (3, 0, 1, TIE),  # the voter did not decide
    )
    found = judged(contests, verdicts, people=people)
    assert found.people.votes == 5
    assert found.people.value == pytest.approx(3.5 / 5)
    assert "Of 5 votes of people" in to_markdown(judgement_sheets(found))
    other = judged(contests, verdicts, people=votes((0, 0, 1, LEFT), take=1))
    assert other.people.votes == 0  # another take is another answer


def test_reasons_that_differ_in_numbers_alone_are_told_once():
    found = judged(
        [contest(place) for place in range(3)],
        [UNSAID] * 3,
        reasons=["has 120 tokens.", "has 95 tokens.", "no reply"],
    )
    said = to_markdown(judgement_sheets(found))
    assert "2 contests unscored" in said
    assert "has 120 tokens" in said
    assert "has 95" not in said
    assert "1 contest unscored" in said


def test_judges_are_called_no_more_than_tells_them_apart():
    longer = "sha256:" + "a" * 64
    assert judge_names([("I", longer, 1), ("J", longer, 1)]) == ["I", "J"]
    assert judge_names([("J", longer, 1), ("J", "code", 1)]) == ["J (aaaaaaaaaaaa)", "J (code)"]
    assert judge_names([("J", longer, 1), ("J", longer, 2), ("J", "code", 2)]) == [
        "J (aaaaaaaaaaaa, version 1)",
        "J (aaaaaaaaaaaa, version 2)",
        "J (code)",
    ]
    assert judge_names([("J", "unpinned:abcd", 1), ("J", "unpinned:abce", 1)]) == [
        "J (unpinned:abcd, version 1)",
        "J (unpinned:abce, version 1)",
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["J", "judge:org/model"]),
            st.text("ab", max_size=20) | st.sampled_from(["sha256:ab", "sha256:ba"]),
            st.integers(1, 3),
        ),
        unique=True,
    )
)
def test_no_two_judges_are_called_the_same(judges):
    assert len(set(judge_names(judges))) == len(judges)
