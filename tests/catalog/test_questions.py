"""Questions with answers or choices, in the shapes in which people keep them."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from evalharness.catalog.choices import Choices
from evalharness.catalog.columns import parse_columns
from evalharness.catalog.documents import Document
from evalharness.catalog.importing import import_prompts
from evalharness.catalog.prompt_formats import questions
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Json, Prompt
from tests.catalog.dataset_files import png, write_dataset

Write = Callable[[str, str | bytes], Path]

ASKED = "Which melts first?\n\nA. iron\nB. ice\nC. salt\n\n" + questions.ASKING
MELTS = Prompt("m", ASKED, "ice", {"choices": ["iron", "ice", "salt"]})


def imported(path: Path, *columns: str) -> tuple[Prompt, ...]:
    return import_prompts(questions.FORMAT, path, parse_columns(columns))


def error_of(path: Path, *columns: str) -> str:
    with pytest.raises(BadInputError) as caught:
        imported(path, *columns)
    return str(caught.value)


def row(**fields: object) -> str:
    return json.dumps({"id": "m", "question": "Which melts first?", **fields})


def test_an_open_question_has_one_answer(write: Write) -> None:
    text = 'Question,Answer,category\n"Who sang ""Tea""?",7,music\n'
    expected = Prompt('Who sang "Tea"?', 'Who sang "Tea"?', "7", tags={"category": "music"})
    [prompt] = imported(write("q.csv", text))
    assert (prompt.text, prompt.target, prompt.checks, prompt.tags) == (
        expected.text,
        "7",
        {},
        {"category": "music"},
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"answers": ["ten", "10"]},
        {"answer": "ten", "answers": ["10", "ten", " "]},
        {"answers": {"text": ["ten", "10", "ten"], "answer_start": [3, 5, 3]}},
        {"answers": "ten | 10"},
        {"answers": '["ten", 10]'},
        {"target": "ten", "answers": [10]},
    ],
)
def test_several_accepted_answers(write: Write, fields: dict[str, object]) -> None:
    [prompt] = imported(write("q.jsonl", row(**fields)))
    assert (prompt.target, prompt.checks) == ("ten", {"targets": ["10"]})


def test_a_passage_stands_above_its_question(write: Write) -> None:
    [prompt] = imported(write("q.jsonl", row(passage="Ice melts.\n", answer=True)))
    assert (prompt.text, prompt.target) == ("Ice melts.\n\nWhich melts first?", "true")


@pytest.mark.parametrize("answer", ["B", "b", "(B)", "B.", 1, "1", 1.0, "ice", " ice ", ["B"]])
def test_a_choice_is_meant_by_letter_index_or_text(write: Write, answer: object) -> None:
    path = write("q.jsonl", row(choices=["iron", "ice", "salt"], answer=answer))
    assert imported(path) == (MELTS,)


@pytest.mark.parametrize(
    "fields",
    [
        {"options": "iron|ice|salt", "answer": "B"},
        {"choices": '["iron", "ice", "salt"]', "answer": "B"},
        {"A": "iron", "B": "ice", "C": "salt", "D": "", "answer": "B"},
        {"A": "iron", "B": "ice", "C": "salt", "D": None, "answer": "1"},
        {"option_a": "iron", "option_b": "ice", "option_c": "salt", "answer": "b"},
        {"option1": "iron", "option2": "ice", "option3": "salt", "answer": "2"},
        {
            "choices": {"text": ["iron", "ice", "salt"], "label": ["1", "2", "3"]},
            "answerKey": "2",
        },
        {
            "choices": {"text": ["iron", "ice", "salt"], "label": ["A", "B", "C"]},
            "answerKey": "B",
        },
    ],
)
def test_choices_in_their_usual_shapes(write: Write, fields: dict[str, object]) -> None:
    assert imported(write("q.jsonl", row(**fields))) == (MELTS,)


def test_columns_by_map(tmp_path: Path) -> None:
    columns = {
        "stem": ["Which melts first?"],
        "opa": ["iron"],
        "opb": ["ice"],
        "opc": ["salt"],
        "cop": [1],
        "name": ["m"],
        "meta": [{"level": "easy"}],
    }
    parquet.write_table(pa.table(columns), tmp_path / "0000.parquet")
    found = imported(
        tmp_path,
        *("text=stem", "target=cop", "id=name", "tags.level=meta.level"),
        *("choices.A=opa", "choices.B=opb", "choices.C=opc"),
    )
    assert found == (Prompt("m", ASKED, "ice", MELTS.checks, {"level": "easy"}),)
    assert "found no column 'opx'" in error_of(tmp_path, "text=stem", "answer=opx")


def test_a_datasets_pictures_and_numbered_answers_are_read_as_people_see_them(
    tmp_path: Path,
) -> None:
    shown = [{"bytes": png(n), "path": f"{n}.png"} for n in range(40)]
    columns = {
        "question": [f"Is picture {n} dark?" for n in range(40)],
        "Image": [*shown[:39], None],
        "label": [0, 1] * 19 + [1, -1],
        "sound": [{"bytes": b"RIFF", "path": None}] * 40,
    }
    path = write_dataset(tmp_path / "0000.parquet", columns, {"label": ["no", "yes"]})
    found = import_prompts(questions.FORMAT, path, limit=39, pictures=tmp_path / "kept")
    assert [prompt.target for prompt in found[:4]] == ["no", "yes", "no", "yes"]
    kept = [Path(picture.path).read_bytes() for prompt in found for picture in prompt.images]
    assert kept == [one["bytes"] for one in shown[:39]]
    with pytest.raises(BadInputError, match=r"row 40, field label: found -1 .*expected the right"):
        import_prompts(questions.FORMAT, path, pictures=tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_several_pictures_of_a_row_keep_their_order_and_paths_stand_for_files(
    write: Write, tmp_path: Path
) -> None:
    write("a.png", png(9))
    both = [{"bytes": png(1), "path": None}, {"bytes": png(2), "path": "b.png"}]
    columns = {
        "question": ["Which is darker?", "And this?"],
        "answer": ["the first", "it"],
        "shown": [both, [{"bytes": None, "path": "a.png"}]],
    }
    parquet.write_table(pa.table(columns), tmp_path / "p.parquet")
    chosen = parse_columns(["image=shown"])
    first, second = import_prompts(questions.FORMAT, tmp_path / "p.parquet", chosen, None, tmp_path)
    assert [Path(one.path).read_bytes() for one in first.images] == [png(1), png(2)]
    assert [one.path for one in second.images] == [str(tmp_path / "a.png")]


def test_numbered_answers_of_choices_are_places_whatever_their_names(tmp_path: Path) -> None:
    columns = {
        "question": ["Which?", "And now?"],
        "choices": [["first", "second", "third"]] * 2,
        "label": [0, 2],
        "category": [1, 0],
    }
    names = {"label": ["1", "2", "3"], "category": ["easy", "hard"]}
    path = write_dataset(tmp_path / "0000.parquet", columns, names)
    found = imported(path)
    assert [prompt.target for prompt in found] == ["first", "third"]
    assert [prompt.tags for prompt in found] == [{"category": "hard"}, {"category": "easy"}]


def test_pictures_of_which_some_are_missing_are_told(tmp_path: Path) -> None:
    both = [{"bytes": png(1), "path": "1.png"}, {"bytes": None, "path": "2.png"}]
    columns = {"question": ["What?"], "answer": ["that"], "image": [both]}
    parquet.write_table(pa.table(columns), tmp_path / "p.parquet")
    with pytest.raises(BadInputError, match="found a list of 2; expected as many pictures; 1 are"):
        import_prompts(questions.FORMAT, tmp_path / "p.parquet", pictures=tmp_path / "kept")


def test_bytes_that_are_no_picture_are_told(tmp_path: Path) -> None:
    columns = {"question": ["What?"], "answer": ["that"], "image": [b"GIF89a"]}
    parquet.write_table(pa.table(columns), tmp_path / "p.parquet")
    with pytest.raises(BadInputError, match="row 1: found no picture; expected PNG"):
        import_prompts(questions.FORMAT, tmp_path / "p.parquet", pictures=tmp_path / "kept")


def test_a_column_called_a_alone_is_no_choice(write: Write) -> None:
    [prompt] = imported(write("q.csv", "question,a\nWhy?,because\n"), "answer=a")
    assert (prompt.text, prompt.target) == ("Why?", "because")


def test_a_number_may_be_index_and_text_of_one_choice(write: Write) -> None:
    [prompt] = imported(write("q.jsonl", row(choices=[3, 1, 2], answer=2)))
    assert (prompt.target, prompt.checks) == ("2", {"choices": ["3", "1", "2"]})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"choices": ["3", "1", "0"], "answer": "1"}, None),
        ({"choices": ["3", "2", "1"], "answer": "2"}, "this could mean B or C"),
        ({"choices": [3, 2, 1], "answer": 2}, "this could mean B or C"),
        ({"choices": ["B", "A"], "answer": "A"}, "this could mean A or B"),
        ({"choices": ["ice", "salt", "ice"], "answer": "A"}, "not stand there twice"),
        ({"choices": ["ice", "salt"], "answer": "C"}, "a letter from A to B, an index from 0 to 1"),
        ({"choices": ["ice", "salt"], "answer": 2}, "an index from 0 to 1"),
        ({"choices": ["ice", "salt"], "answer": -1}, "an index from 0 to 1"),
        ({"choices": ["ice", "salt"], "answer": ["A", "B"]}, "a letter from A to B"),
        ({"choices": ["ice", "salt"], "answer": None}, "field answer: found nothing"),
        ({"choices": ["ice", "salt"]}, "also answer or answers"),
        ({"choices": ["ice"], "answer": "A"}, "2 to 26 choices"),
        ({"choices": ["ice", " "], "answer": "A"}, "choices that are text"),
        ({"choices": ["ice", ["x"]], "answer": "A"}, "choices that are text"),
        ({"choices": [str(n) + "x" for n in range(27)], "answer": "A"}, "2 to 26 choices"),
        ({"A": "ice", "C": "salt", "B": "", "answer": "A"}, "no gap between the choices"),
        ({"answer": " "}, "field answer: found nothing; expected the right answer"),
        ({"answers": []}, "expected the right answer"),
        ({}, "also answer or answers (--map answer=COLUMN)"),
        ({"question": 5, "answer": "x"}, "the question as text"),
        ({"question": None, "answer": "x"}, "the question as text"),
    ],
)
def test_rows_that_leave_the_answer_open(
    write: Write, fields: dict[str, object], told: str | None
) -> None:
    path = write("q.jsonl", row(**fields))
    if told is None:
        assert imported(path)[0].target == "1"
    else:
        message = error_of(path)
        assert "q.jsonl, line 1" in message
        assert told in message


@pytest.mark.parametrize("written", ["choice=a", "choices.K=a", "tags.=x", "targets=x"])
def test_fields_that_there_are_not(write: Write, written: str) -> None:
    assert "choices.A (and so on)" in error_of(write("q.csv", "question,answer\na,b\n"), written)


WORDS = st.text("abcxyz ", min_size=3, max_size=8).filter(lambda word: len(word.strip()) > 1)


@given(st.lists(WORDS, min_size=2, max_size=26, unique_by=str.strip), st.data())
def test_letter_index_and_text_mean_the_same(texts: list[str], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(texts) - 1))
    given_texts: tuple[Json, ...] = (*texts,)
    choices = Choices(Document("x", None), (), given_texts)
    answers: list[Json] = [chr(ord("A") + position), position, str(position), texts[position]]
    assert {choices.right(answer, ()) for answer in answers} == {texts[position].strip()}


def test_what_people_said_is_kept_with_the_picture_it_is_about(write: Write) -> None:
    picture = write("shown/a.png", b"\x89PNG and so on")
    people = ["red"] * 6 + ["dark red"] * 3 + ["pink"]
    for answers in (people, [{"answer": one, "answer_id": i} for i, one in enumerate(people)]):
        [prompt] = imported(write("q.jsonl", row(answers=answers, image="shown/a.png")))
        assert prompt.target == "red"
        assert prompt.checks == {"targets": people}
        assert [Path(one.path) for one in prompt.images] == [picture]
    [prompt] = imported(write("q.jsonl", row(answers=people, answer="pink")))
    assert (prompt.target, prompt.images) == ("pink", ())
    several = {"answer": "red", "image": ["shown/a.png", "shown/a.png"]}
    [prompt] = imported(write("q.jsonl", row(**several)))
    assert len(prompt.images) == 2


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("gone.png", "there is no"),
        ({"bytes": "…"}, "a picture's file, or a list of files"),
        ("https://example.org/a", "a file that ends in"),
    ],
)
def test_a_picture_that_is_no_file_is_told(write: Write, image: object, told: str) -> None:
    assert told in error_of(write("q.jsonl", row(answer="red", image=image)))
