"""VLMEvalKit's TSV files, written here as pandas writes them."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from evalharness.catalog.importing import import_prompts, write_prompts
from evalharness.catalog.input_pictures import picture_pixels
from evalharness.catalog.prompt_formats import vlmevalkit
from evalharness.catalog.prompts import read_prompts
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt

Write = Callable[[str, str | bytes], Path]


def picture(colour: str, size: int = 8, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(file, kind)
    return file.getvalue()


def noise(size: int) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


ROW = {
    "index": "1",
    "question": 'Which colour has the "mug"?\nLook well.',
    "hint": "It is on the left.",
    "A": "red",
    "B": "blue",
    "C": "",
    "answer": "B",
    "category": "colour",
    "split": "dev",
    "image": packed(picture("blue")),
}


def table(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "asked.tsv"
    pd.DataFrame(rows).to_csv(path, sep="\t", index=False)
    return path


def imported(path: Path, folder: Path | None = None) -> tuple[Prompt, ...]:
    return import_prompts(vlmevalkit.FORMAT, path, pictures=folder or path.parent / "pictures")


def error_of(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        imported(path)
    assert not (path.parent / "pictures").exists()
    return str(caught.value)


def test_a_question_with_choices_and_its_picture(tmp_path: Path) -> None:
    [prompt] = imported(table(tmp_path, ROW))
    assert prompt.id == "1"
    assert prompt.text == (
        'It is on the left.\n\nWhich colour has the "mug"?\nLook well.\n\nA. red\nB. blue\n\n'
        "Answer with the letter of the right choice."
    )
    assert prompt.target == "blue"
    assert prompt.checks == {"choices": ["red", "blue"]}
    assert prompt.tags == {"category": "colour", "split": "dev"}
    [shown] = prompt.images
    assert picture_pixels(shown).tolist() == np.full((8, 8, 3), (0, 0, 255)).tolist()


def test_prompts_are_written_with_their_pictures_beside_them(tmp_path: Path) -> None:
    out = tmp_path / "made" / "asked.jsonl"
    prompts = imported(table(tmp_path, ROW), out.parent / "asked-pictures")
    write_prompts(out, prompts)
    assert '"images": ["asked-pictures/' in out.read_text("utf-8")
    again = read_prompts(out)
    assert [p.images[0].sha256 for p in again] == [p.images[0].sha256 for p in prompts]
    assert imported(table(tmp_path, ROW), out.parent / "asked-pictures") == prompts


def test_an_open_question_has_words_for_an_answer(tmp_path: Path) -> None:
    row = {**ROW, "A": "", "B": "", "answer": "blue", "hint": ""}
    [prompt] = imported(table(tmp_path, row))
    assert (prompt.text, prompt.target, prompt.checks) == (ROW["question"], "blue", {})


def test_rows_share_pictures_by_index_and_equal_pictures_are_one_file(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "index": "2", "image": "1"}, {**ROW, "index": "3"}]
    prompts = imported(table(tmp_path, *rows))
    assert len({prompt.images[0].path for prompt in prompts}) == 1
    assert len(list((tmp_path / "pictures").iterdir())) == 1


@pytest.mark.parametrize("written", ["['{}', '{}']", '["{}", "{}"]'])
def test_several_pictures_keep_their_order(tmp_path: Path, written: str) -> None:
    both = written.format(packed(picture("red")), packed(picture("green", kind="JPEG")))
    [prompt] = imported(table(tmp_path, {**ROW, "image": both}))
    assert [Path(shown.path).suffix for shown in prompt.images] == [".png", ".jpg"]


def test_pictures_in_files_stay_where_they_are(write: Write, tmp_path: Path) -> None:
    write("shown/mug.png", picture("red"))
    row = {name: cell for name, cell in ROW.items() if name != "image"}
    [prompt] = imported(table(tmp_path, {**row, "image_path": "shown/mug.png"}))
    assert prompt.images[0].path == str(tmp_path / "shown" / "mug.png")
    assert not (tmp_path / "pictures").exists()
    message = error_of(table(tmp_path, {**row, "image_path": "shown/none.png"}))
    assert "row 1, field images[0]" in message


def test_pictures_larger_than_any_usual_cell(tmp_path: Path) -> None:
    row = {**ROW, "image": packed(noise(300))}
    assert len(row["image"]) > 300_000
    [prompt] = imported(table(tmp_path, row))
    assert picture_pixels(prompt.images[0]).shape == (300, 300, 3)


def test_without_a_place_for_pictures_they_are_not_read(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="import-prompts"):
        import_prompts(vlmevalkit.FORMAT, table(tmp_path, ROW))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"image": "?" * 100}, "row 2, field image: found"),
        ({"image": packed(b"no picture" * 20)}, "row 2: found no picture; expected PNG"),
        ({"image": packed(picture("red", 64)[:-30])}, "row 2"),
        ({"image": "9"}, "found '9'; expected a picture, or the index of an earlier row"),
        ({"image": ""}, "field image: found nothing"),
        ({"answer": "C"}, "field answer: found 'C'; expected a letter from A to B"),
        ({"answer": ""}, "field answer: found nothing"),
        ({"B": "", "C": "green"}, "found the choices A, C; expected no gap"),
        ({"B": ""}, "2 to 26 choices"),
        ({"question": " "}, "field question: found nothing"),
        ({"index": ""}, "field index: found nothing"),
        ({"index": "1"}, "row 2, field id: found '1', which"),
    ],
)
def test_wrong_rows_are_told_and_no_picture_stays(
    tmp_path: Path, change: dict[str, str], told: str
) -> None:
    other = {"index": "2", "image": packed(picture("green"))}
    message = error_of(table(tmp_path, ROW, {**ROW, **other, **change}))
    assert "asked.tsv, row 2" in message
    assert told in message
    assert len(message) < 600


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "an empty file"),
        (b"index\tindex\n1\t2\n", "the column 'index' twice"),
        (b"index\tquestion\n1\n", "not valid TSV"),
        (b"index\tquestion\n1\t\xff\n", "not valid TSV"),
        (b"<html></html>", "an HTML page"),
    ],
)
def test_files_that_are_no_tables(write: Write, content: bytes, told: str) -> None:
    message = error_of(write("asked.tsv", content))
    assert "asked.tsv" in message
    assert told in message


def test_what_was_there_stays_when_an_import_fails(tmp_path: Path) -> None:
    imported(table(tmp_path, ROW))
    before = sorted(path.name for path in (tmp_path / "pictures").iterdir())
    new = {**ROW, "index": "2", "image": packed(picture("green"))}
    path = table(tmp_path, ROW, new, {**ROW, "index": "3", "answer": "Z"})
    with pytest.raises(BadInputError):
        imported(path)
    assert sorted(file.name for file in (tmp_path / "pictures").iterdir()) == before
