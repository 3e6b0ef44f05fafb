import math

import pytest

from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.answers import readable
from tests.metrics.text.answered import prompt, score


@pytest.mark.parametrize(
    ("target", "answer", "same"),
    [
        ("Paris", "paris.", 1),
        ("Paris", "**Paris**", 1),
        ("Paris", "It is Paris", 0),
        ("don't", "dont", 0),
        ("don't", "Don't!", 1),
        ("-5", "5", 0),
        ("-5", "(-5)", 1),
        ("3.5", "35", 0),
        (".5", ".5", 1),
        ("50%", "50", 0),
        ("C#", "C", 0),
        ("Ｔｏｋｙｏ", "Tokyo", 1),
        ("STRASSE", "straße", 1),
        ("?!", "?!", 1),
        ("?!", "...", 0),
        ("", "", 1),
        ("", "word", 0),
        ("Paris", "  \n ", 0),
    ],
)
def test_normalised_match_forgives_writing_and_nothing_else(
    target: str, answer: str, same: float
) -> None:
    assert score("normalised_match", prompt(target), answer) == same


def test_any_accepted_answer_will_do() -> None:
    asked = prompt("USA", targets=["United States", "America"])
    assert score("normalised_match", asked, "united states") == 1.0
    assert score("exact_match", asked, "America") == 1.0
    assert score("exact_match", asked, "america") == 0.0
    assert score("contains_target", prompt(targets=["blue", "azure"]), "It's azure.") == 1.0


@pytest.mark.parametrize(
    ("target", "answer", "held"),
    [
        ("no", "I know that", 0),
        ("no", "No, never", 1),
        ("New York", "in new york, of course", 1),
        ("New York", "new amsterdam york", 0),
        ("パリ", "首都はパリです", 1),
        ("东京", "答案是东京。", 1),
        ("5", "15 or 52", 0),
        ("", "anything", 0),
        ("aa", "aaa aa", 1),
    ],
)
def test_a_target_is_found_as_whole_words(target: str, answer: str, held: float) -> None:
    assert score("contains_target", prompt(target), answer) == held


def test_accepted_answers_that_are_no_texts_are_named() -> None:
    with pytest.raises(UnmeasurableError, match=r"'p': checks.targets is \[1, 2\]; expected a li"):
        score("normalised_match", prompt("x", targets=[1, 2]), "x")
    with pytest.raises(UnmeasurableError, match=r"checks\.targets is 'word'"):
        score("normalised_match", prompt("x", targets="word"), "x")


def test_outputs_without_text_have_no_score() -> None:
    assert math.isnan(score("normalised_match", prompt("x"), None))


def test_lone_surrogates_become_replacement_characters() -> None:
    assert readable("a\ud800b") == "a\ufffdb"
    assert readable("\ud83d\ude00é\udc00") == "😀é\ufffd"
    assert readable("plain é") == "plain é"
    assert score("normalised_match", prompt("a\ud800b"), "a\ud800b") == 1.0


@pytest.mark.parametrize(
    ("target", "answer", "f1"),
    [
        ("the cat sat", "A cat sat!", 1.0),
        ("cat sat down", "cat", 0.5),
        ("cat", "dog", 0.0),
        ("the", "an", 1.0),
        ("the", "cat", 0.0),
        ("cat", "", 0.0),
        ("a b b", "b b b", 2 * 2 / (2 + 3)),
    ],
)
def test_token_f1_is_squads(target: str, answer: str, f1: float) -> None:
    assert score("token_f1", prompt(target), answer) == pytest.approx(f1)


def test_token_f1_takes_the_nearest_reference() -> None:
    assert score("token_f1", prompt("red", targets=["deep blue sea"]), "deep blue") == 0.8
