"""Forms of answers: JSON, length, repetition, language; short answers about pictures."""

import math

import pytest

from evalharness.core.nouns import Json
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.text.vqa_accuracy import official
from tests.metrics.text.answered import prompt, score

SCHEMA: Json = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
}


@pytest.mark.parametrize(
    ("answer", "valid", "fits"),
    [
        ('{"name": "Ada"}', 1, 1),
        ('Here:\n```json\n{"name": "Ada", "age": 36}\n```\nDone.', 1, 1),
        ('```\n{"name": "Ada"}\n```', 1, 1),
        ('{"name": 7}', 1, 0),
        ('{"age": 7}', 1, 0),
        ("[]", 1, 0),
        ('{"name": "Ada"} there you are', 0, 0),
        ('{"name": NaN}', 0, 0),
        ("", 0, 0),
        ("[" * 100_000, 0, 0),
        ("```json\n1\n```\n```json\n2\n```", 0, 0),
    ],
)
def test_json_is_read_alone_or_fenced(answer: str, valid: float, fits: float) -> None:
    asked = prompt(json_schema=SCHEMA)
    assert score("json.valid", asked, answer) == valid
    assert score("json.schema", asked, answer) == fits


def test_a_schema_that_is_none_is_named_and_nothing_is_fetched() -> None:
    with pytest.raises(UnmeasurableError, match="is no JSON schema"):
        score("json.schema", prompt(json_schema={"type": "thing"}), "{}")
    remote: Json = {"$ref": "http://127.0.0.1:9/schema.json"}
    with pytest.raises(Exception, match="Unresolvable"):
        score("json.schema", prompt(json_schema=remote), "{}")


@pytest.mark.parametrize(
    ("demand", "answer", "kept"),
    [
        ({"unit": "words", "at_least": 2, "at_most": 3}, "one two", 1),
        ({"unit": "words", "at_most": 3}, "one two three four", 0),
        ({"unit": "characters", "at_least": 5}, "four", 0),
        ({"unit": "characters", "at_most": 0}, "", 1),
    ],
)
def test_length_is_held_against_the_demand(demand: Json, answer: str, kept: float) -> None:
    assert score("length.kept", prompt(length=demand), answer) == kept


def test_length_is_counted_and_wrong_demands_are_named() -> None:
    assert score("length.words", prompt(), " one  two\nthree ") == 3.0
    assert score("length.characters", prompt(), "né\n") == 3.0
    with pytest.raises(UnmeasurableError, match="checks.length"):  # noqa: RUF043
        score("length.kept", prompt(length={"unit": "pages", "at_most": 1}), "x")


def test_repetition_is_counted() -> None:
    assert score("repetition.distinct_1", prompt(), "a b A b") == 0.5
    assert score("repetition.distinct_2", prompt(), "a b a b") == pytest.approx(2 / 3)
    assert score("repetition.fourgrams", prompt(), "a b c d a b c d") == pytest.approx(1 / 5)
    assert math.isnan(score("repetition.fourgrams", prompt(), "a b c"))
    assert math.isnan(score("repetition.distinct_1", prompt(), " "))


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        ("well then no no no no", 4 / 6),
        ("so it goes on and on and on and", 6 / 9),
        ("all different words here", 0.0),
        ("twice is twice is", 0.0),
        ("", 0.0),
        ("no " * 100_000, 1.0),
    ],
)
def test_a_loop_at_the_end_is_found(answer: str, share: float) -> None:
    assert score("repetition.loop", prompt(), answer) == pytest.approx(share)


@pytest.mark.parametrize(
    ("wanted", "answer", "right"),
    [
        ("de", "Der Hund schläft heute in der warmen Sonne.", 1),
        ("de", "The dog sleeps in the warm sun today.", 0),
        ("ja", "犬が暖かい日差しの中で寝ている。", 1),
        ("en", "42!", 0),
        ("en", "", 0),
    ],
)
def test_the_language_of_an_answer_is_told(wanted: str, answer: str, right: float) -> None:
    assert score("language.right", prompt(language=wanted), answer) == right


def test_a_language_that_is_no_code_is_named() -> None:
    with pytest.raises(UnmeasurableError, match="ISO 639-1"):
        score("language.right", prompt(language="German"), "x")


@pytest.mark.parametrize(
    ("answer", "same"),
    [("The Two dogs.", "2 dogs"), ("A red-ball", "red ball"), ("1,000", "1000"), ("none", "0")],
)
def test_vqa_answers_are_normalised_officially(answer: str, same: str) -> None:
    assert official(answer) == same


@pytest.mark.parametrize(("alike", "accuracy"), [(0, 0.0), (1, 0.3), (2, 0.6), (3, 0.9), (4, 1.0)])
def test_vqa_accuracy_averages_over_the_people(alike: int, accuracy: float) -> None:
    people = ["Red"] * alike + ["blue"] * (10 - alike)
    asked = prompt("blue", targets=people)
    assert score("vqa_accuracy", asked, "red.") == pytest.approx(accuracy)


def test_vqa_accuracy_of_one_expected_answer_is_a_match() -> None:
    assert score("vqa_accuracy", prompt("two"), "2") == 1.0
    assert score("vqa_accuracy", prompt("two", targets=["a pair"]), "pair") == 1.0


def test_other_accepted_answers_leave_the_target_right() -> None:
    asked = prompt("tree", targets=["fir", "pine", "pine tree", "spruce"])
    assert [score("vqa_accuracy", asked, said) for said in ("tree", "Pine tree.", "house")] == [
        1.0,
        1.0,
        0.0,
    ]
