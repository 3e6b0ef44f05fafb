"""Tables of somebody's own: columns by their usual names, by --map, and what is wrong with them."""

import datetime
import decimal
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from evalharness.catalog.columns import parse_columns
from evalharness.catalog.importing import import_prompts
from evalharness.catalog.prompt_formats import table
from evalharness.catalog.prompts import read_prompts
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt
from tests.catalog.dataset_files import png

Write = Callable[[str, str | bytes], Path]


def imported(path: Path, *columns: str) -> tuple[Prompt, ...]:
    return import_prompts(table.FORMAT, path, parse_columns(columns))


def error_of(path: Path, *columns: str) -> str:
    with pytest.raises(BadInputError) as caught:
        imported(path, *columns)
    return str(caught.value)


CSV = 'key,caption,genre,words\nk1,"A sign, ""OPEN"".\nIn red.",photo,OPEN\nk2,a mug,,\n'
TSV = 'key\tcaption\tgenre\twords\nk1\tA sign, "OPEN.\tphoto\tOPEN\n'
ROWS = [{"key": "k1", "caption": "A sign.", "genre": "photo", "words": "OPEN"}]
MAP = ("text=caption", "id=key", "tags.style=genre", "checks.lettering=words")


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("p.csv", CSV, 'A sign, "OPEN".\nIn red.'),
        ("p.CSV", "\ufeff" + CSV.replace("\n", "\r\n"), 'A sign, "OPEN".\nIn red.'),
        ("p.tsv", TSV, 'A sign, "OPEN.'),
        ("p.json", json.dumps(ROWS), "A sign."),
        ("p.jsonl", json.dumps(ROWS[0]), "A sign."),
    ],
)
def test_columns_by_map(write: Write, name: str, content: str, text: str) -> None:
    first = imported(write(name, content), *MAP)[0]
    assert first == Prompt("k1", text, checks={"lettering": "OPEN"}, tags={"style": "photo"})


def test_blank_cells_are_left_out(write: Write) -> None:
    _, second = imported(write("p.csv", CSV), *MAP)
    assert second == Prompt("k2", "a mug")


def test_the_usual_columns_need_no_map(write: Write) -> None:
    header = "Prompt,ID,target,Category,style,challenge,language,tags.mood,checks.lettering,size\n"
    path = write("p.csv", header + "a sign,7,x,signs,photo,text,en,calm,OPEN,3\n")
    expected = Prompt(
        id="7",
        text="a sign",
        target="x",
        checks={"lettering": "OPEN"},
        tags={
            "category": "signs",
            "style": "photo",
            "challenge": "text",
            "language": "en",
            "mood": "calm",
        },
    )
    assert imported(path) == (expected,)
    assert read_prompts(path) == (expected,)


@pytest.mark.parametrize(
    ("name", "content"), [("p.tsv", 'text\n"a\na\n'), ("p.csv", 'text\n"""a"\na\n')]
)
def test_tables_are_prompts_files(write: Write, name: str, content: str) -> None:
    assert [prompt.text for prompt in read_prompts(write(name, content))] == ['"a', "a"]


def test_nested_fields_by_a_path(write: Write) -> None:
    rows = [
        {"prompt": "a", "meta": {"genre": "photo", "ids": [1, 2]}, "a.b": 1, "n": 2.5},
        {"prompt": "b", "meta": {}, "yes": True},
    ]
    first, second = imported(
        write("p.json", json.dumps(rows)),
        "tags.style=meta.genre",
        "checks.ids=meta.ids",
        "tags.dotted=a.b",
        "tags.n=n",
        "tags.yes=yes",
    )
    assert first.tags == {"style": "photo", "dotted": "1", "n": "2.5"}
    assert first.checks == {"ids": [1, 2]}
    assert second.tags == {"yes": "true"}


def test_parquet_with_pictures_days_and_gaps(tmp_path: Path) -> None:
    columns = {
        "caption": ["a mug", "a dog"],
        "image": [{"bytes": b"\x89PNG", "path": "a"}, {"bytes": b"\x89PNG", "path": "b"}],
        "raw": [b"\xff", None],
        "day": [datetime.date(2026, 1, 31), None],
        "price": [decimal.Decimal("1.50"), None],
        "score": [0.5, float("nan")],
        "meta": [{"genre": "photo"}, None],
        "number": [1, 2],
    }
    parquet.write_table(pa.table(columns), tmp_path / "p.parquet")
    first, second = imported(
        tmp_path / "p.parquet",
        *("tags.day=day", "tags.style=meta.genre", "checks.score=score", "id=number"),
        "tags.price=price",
    )
    assert first == Prompt(
        "1",
        "a mug",
        checks={"score": 0.5},
        tags={"day": "2026-01-31", "style": "photo", "price": "1.50"},
    )
    assert second == Prompt("2", "a dog")
    assert "no column 'image'" in error_of(tmp_path / "p.parquet", "tags.x=image")


def test_pictures_of_a_table_are_shown_to_models_only_where_somebody_says_so(
    write: Write, tmp_path: Path
) -> None:
    columns = {"text": ["make it red"], "image": [{"bytes": png(0), "path": "a"}]}
    parquet.write_table(pa.table(columns), tmp_path / "p.parquet")
    assert imported(tmp_path / "p.parquet") == (Prompt("make-it-red", "make it red"),)
    chosen = parse_columns(["image=image"])
    [prompt] = import_prompts(table.FORMAT, tmp_path / "p.parquet", chosen, None, tmp_path)
    assert [Path(one.path).read_bytes() for one in prompt.images] == [png(0)]
    path = write("p.csv", "text,photo\nmake it red,gone.png\n")
    write("gone.png", png(0))
    [prompt] = imported(path, "image=photo")
    assert [Path(one.path).name for one in prompt.images] == ["gone.png"]


def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    for number in range(2):
        data = pa.table({"text": [f"prompt {number}-{n}" for n in range(1500)]})
        parquet.write_table(data, tmp_path / f"000{number}.parquet")
    prompts = imported(tmp_path)
    assert len(prompts) == 3000
    assert prompts[1500].text == "prompt 1-0"
    (tmp_path / "0001.parquet").write_bytes(b"PAR1")
    assert "0001.parquet is no whole Parquet file" in error_of(tmp_path)
    (tmp_path / "empty").mkdir()
    assert "a folder without .parquet files" in error_of(tmp_path / "empty")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("p.csv", "words\na\n", "found a mapping with words; expected text, prompt or caption"),
        ("p.csv", "text\n", "found no prompts"),
        ("p.csv", "text,a\nx\n", "line 2: found 1 fields; expected 2, as in the header (text, a)"),
        ("p.csv", "text,text\nx,y\n", "found the column 'text' twice"),
        ("p.csv", 'text\n"a" b\n', "line 2: this is not valid CSV"),
        ("p.csv", 'text\nfine\n"open\n\n', "line 3: this is not valid CSV"),
        ("p.csv", "text\n" + "x" * 200_000 + "\n", "line 2: this is not valid CSV: field larger"),
        ("p.csv", "text,b\n ,x\n", "line 2, field text: found nothing; expected the prompt's"),
        ("p.csv", "text,id\na,1\nb,1\n", "line 3, field id: found '1', which"),
        ("p.csv", "text\na\x07\n", "line 2, field text: found the control character U+0007"),
        ("p.tsv", "text\ta\nx\n", "line 2: found 1 fields"),
        ("p.json", '{"text": "a"}', "found a mapping with text; expected a list"),
        ("p.json", '["a"]', "item 1: found 'a'; expected an object with fields"),
        ("p.json", '[{"text": 5}]', "item 1, field text: found 5 (a number); expected text"),
        ("p.json", '[{"text": "a", "style": []}]', "field style: found a list of 0; expected"),
        ("p.jsonl", '{"text": "a"}\n[]\n', "line 2: found a list of 0"),
        ("p.parquet", "no parquet", "p.parquet is no whole Parquet file"),
        ("p.parquet", "<html>", "found an HTML page"),
        ("p.xlsx", "x", "found '.xlsx'; expected a file that ends in .csv, .tsv"),
    ],
)
def test_wrong_tables(write: Write, name: str, content: str, told: str) -> None:
    message = error_of(write(name, content))
    assert name in message
    assert told in message
    assert len(message) < 600


def test_columns_that_are_not_there(write: Write) -> None:
    path = write("p.csv", "text,style\na,b\n")
    told = "found no column 'genre' (--map tags.style=genre); expected one of text, style"
    assert told in error_of(path, "tags.style=genre")
    sparse = write("p.jsonl", '{"text": "a"}\n{"text": "b", "genre": "x"}\n')
    assert imported(sparse, "tags.style=genre")[1].tags == {"style": "x"}
    assert "found no column 'gnre'" in error_of(sparse, "tags.style=gnre")


@pytest.mark.parametrize("written", ["text", "text=", "words=a", "tags.=a", "tags=a", "=a"])
def test_maps_that_mean_nothing(write: Write, written: str) -> None:
    with pytest.raises(BadInputError, match="expected FIELD=COLUMN"):
        imported(write("p.csv", "text\na\n"), written)


def test_a_field_has_one_column() -> None:
    with pytest.raises(BadInputError, match="given twice"):
        parse_columns(["text=a", "text=b"])


def test_a_column_may_have_an_equals_sign() -> None:
    assert parse_columns(["text=a=b"]) == {"text": "a=b"}


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    with path.open("wb") as file:
        file.truncate(65_000_000)
    assert "found 65,000,000 bytes; expected at most 64,000,000" in error_of(path)


@pytest.mark.parametrize(
    "column", ["answer", "Expected Answer", "label", "reference", "correct_answer", "gold"]
)
def test_a_right_answer_under_another_name_is_not_dropped(write: Write, column: str) -> None:
    path = write("p.csv", f"text,{column},level\nIs ice cold?,yes,1\n")
    with pytest.raises(BadInputError) as caught:
        read_prompts(path)
    told = str(caught.value)
    assert f"p.csv, line 2, field {column}: found a column that is not read" in told
    assert "expected the right answer in a column target" in told
    assert f"--map target={column}" in told
    assert "`import-prompts questions`" in told
    assert imported(path, "text=text", f"target={column}")[0].target == "yes"


def test_beside_a_target_an_answer_is_only_another_column(write: Write) -> None:
    [prompt] = read_prompts(write("p.csv", "text,target,answer\nIs ice cold?,yes,Ja\n"))
    assert prompt.target == "yes"


@pytest.mark.parametrize(
    ("column", "advice"),
    [("choices", "import-prompts questions"), ("tags", "tags.NAME"), ("checks", "checks.NAME")],
)
def test_columns_that_belong_elsewhere_say_where(write: Write, column: str, advice: str) -> None:
    told = error_of(write("p.json", json.dumps([{"text": "a", column: {"a": "b"}}])))
    assert f"item 1, field {column}: found a column that is not read" in told
    assert advice in told


@pytest.mark.parametrize(
    ("name", "content", "found", "right"),
    [
        ("p.csv", "text;target\nIs it cold, or not?;yes\n", "a semicolon", "a comma"),
        ("p.csv", "text\ttarget\na\tb\n", "a tab", "a comma"),
        ("p.tsv", "text,target\na,b\n", "a comma", "a tab"),
    ],
)
def test_another_separator_is_named(
    write: Write, name: str, content: str, found: str, right: str
) -> None:
    told = error_of(write(name, content))
    assert f"{name}, line 1: found one column" in told
    assert f"which {found} seems to separate; expected {right} between columns" in told


def test_a_table_of_questions_is_sent_to_their_format(write: Write) -> None:
    path = write("quiz.csv", "Question,answer\nIs ice cold?,yes\n")
    told = error_of(path)
    assert "expected text, prompt or caption" in told
    assert "`import-prompts questions` reads questions with answers" in told
    assert table.FORMAT.left_out is not None
    assert not table.FORMAT.left_out(path, {})
    assert "import-prompts questions" not in error_of(write("p.csv", "words\na\n"))


def test_columns_that_are_not_read_are_known(write: Write) -> None:
    path = write("p.csv", "prompt,level,style,source\na,1,photo,me\n")
    left_out = table.FORMAT.left_out
    assert left_out is not None
    assert [*left_out(path, {})] == ["level", "source"]
    assert [*left_out(path, {"tags.level": "level"})] == ["source"]
