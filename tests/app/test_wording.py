from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalharness.app.diffs import with_marks, words_apart
from evalharness.app.wording import EMPTY, FIRST, likely_bars, marked, pieces, rest_of
from evalharness.board.answers.likely import Likely
from evalharness.board.answers.marks import Mark
from evalharness.core.nouns import Prompt

SHA = "ab" * 32
BLANKS = st.sampled_from([" ", "\n", "\n\n", "\t "])


def test_an_answer_is_cut_and_its_rest_can_be_fetched() -> None:
    text = "ä" * 50
    assert rest_of(SHA, text[:20], 50) == {
        "address": f"/texts/{SHA}",
        "from": 40,
        "characters": 50,
    }
    assert rest_of(SHA, text, 50) is None
    assert rest_of(None, "", None) is None


def test_a_mark_across_the_cut_is_cut_too() -> None:
    found = pieces("say twenty-five now", [Mark(4, 15, right=True)], 10)
    assert found == [{"text": "say ", "mark": ""}, {"text": "twenty", "mark": "right"}]


def test_of_many_likelihoods_the_likeliest_are_drawn_and_the_right_one() -> None:
    shares = {"a": 0.2, "b": 0.05, "c": 0.3, "d": 0.1, "e": 0.35}
    likely = [Likely(text, share, -1.0, 1, text == "b") for text, share in shares.items()]
    drawn = likely_bars(likely, 3)
    assert [bar["text"] for bar in drawn] == ["b", "c", "e"]  # type: ignore[index,call-overload]
    assert len(likely_bars(likely)) == 5
    assert len(likely_bars(likely, 9)) == 5


def test_an_empty_answer_says_so() -> None:
    assert marked(Prompt("p", "?", "x"), "") == [{"text": EMPTY, "mark": ""}]


@given(st.text(max_size=60), st.integers(0, 70), st.lists(st.integers(0, 60), max_size=8))
def test_pieces_are_the_beginning_of_the_text(text: str, most: int, cuts: list[int]) -> None:
    edges = sorted({min(cut, len(text)) for cut in cuts})
    found = [Mark(a, b, right=bool(a % 2)) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    made = pieces(text, found, most)
    assert "".join(str(one["text"]) for one in made) == text[:most]  # type: ignore[index,call-overload]


@given(st.text("ab \n", max_size=40), st.text("ab \n", max_size=40), st.integers(0, 30))
def test_marks_part_a_difference_and_lose_nothing(first: str, second: str, start: int) -> None:
    parts = [part for part in words_apart(first, second) if part[1] != "insert"]
    made = with_marks(parts, [Mark(start, start + 5, right=False)])
    assert "".join(str(one["text"]) for one in made) == first  # type: ignore[index,call-overload]
    wrong = "".join(str(one["text"]) for one in made if one["mark"] == "wrong")  # type: ignore[index,call-overload]
    assert wrong == first[start : start + 5]


@given(st.text("ab \n", max_size=60), st.text("ab \n", max_size=60))
def test_words_apart_make_up_both_texts(first: str, second: str) -> None:
    parts = list(words_apart(first, second))
    assert "".join(text for text, how in parts if how != "insert") == first
    assert "".join(text for text, how in parts if how != "delete") == second
    assert all(text for text, _ in parts)
    kinds = [how for _, how in parts]
    # no two of a kind, and what is deleted stands before what is inserted
    assert not {(x, y) for x, y in pairwise(kinds)} & {
        *((kind, kind) for kind in kinds),
        ("insert", "delete"),
    }


@given(st.lists(st.tuples(BLANKS, BLANKS, st.sampled_from(["a", "b", "word"]))))
def test_texts_that_differ_only_in_blanks_have_all_words_in_common(
    words: list[tuple[str, str, str]],
) -> None:
    first, second = ("".join(one[side] + one[2] for one in words) for side in (0, 1))
    for text, how in words_apart(first, second):
        assert how == "equal" or text.isspace()


@pytest.mark.parametrize(
    ("first", "second", "parts"),
    [
        (
            "<|assistant|>\nThe file",
            "The file",
            [("<|assistant|>\n", "delete"), ("The file", "equal")],
        ),
        (
            "def f():\n    return 1\n",
            "def f():\n  return 2",
            [
                ("def f():", "equal"),
                ("\n    ", "delete"),
                ("\n  ", "insert"),
                ("return", "equal"),
                (" 1\n", "delete"),
                (" 2", "insert"),
            ],
        ),
        (
            "one  two",
            "one two",
            [("one", "equal"), ("  ", "delete"), (" ", "insert"), ("two", "equal")],
        ),
        ("one ", "one\n", [("one", "equal"), (" ", "delete"), ("\n", "insert")]),
        (
            "one two ",
            "one red ",
            [("one", "equal"), (" two", "delete"), (" red", "insert"), (" ", "equal")],
        ),
        ("", " ", [(" ", "insert")]),
        ("", "", []),
    ],
)
def test_blanks_that_differ_do_not_make_words_differ(
    first: str, second: str, parts: list[tuple[str, str]]
) -> None:
    assert list(words_apart(first, second)) == parts


@pytest.mark.parametrize(
    ("sentences", "apart"),
    [
        (["Yes. ", "No. ", "I do not know. "], 250),
        (["a ", "b "], 1500),
    ],
)
def test_answers_that_repeat_themselves_are_not_compared_word_by_word(
    sentences: list[str], apart: int
) -> None:
    looping = sentences * apart
    first, second = ("".join(["So: ", *row, "the end"]) for row in (looping, looping[::-1]))
    assert list(words_apart(first, second)) == [
        ("So:", "equal"),
        (f" {first[4:-8]}", "delete"),
        (f" {second[4:-8]}", "insert"),
        (" the end", "equal"),
    ]


def test_answers_of_prose_are_compared_word_by_word_up_to_what_is_shown() -> None:
    draws = random.Random(0)
    ranks = range(1, 1000)  # words as often as in prose (Zipf)
    told = draws.choices([f"word{n}" for n in ranks], [1 / n for n in ranks], k=FIRST // 6)
    other = [word if draws.random() < 0.9 else "other" for word in told]
    parts = list(words_apart(" ".join(told), " ".join(other)))
    assert sum(len(text) for text, how in parts if how == "equal") > 0.8 * len(" ".join(told))
    assert len(parts) > 100


def test_an_answer_that_goes_on_differs_only_in_what_it_adds() -> None:
    assert list(words_apart("the ball", "the ball is red")) == [
        ("the ball", "equal"),
        (" is red", "insert"),
    ]
