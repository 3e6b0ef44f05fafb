"""Somebody's labelled pictures as prompts: folders, tables, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from evalharness.catalog import registry
from evalharness.catalog.importing import import_prompts
from evalharness.catalog.prompts import read_prompts
from evalharness.catalog.suites import from_prompts
from evalharness.core.errors import BadInputError
from evalharness.core.likelihoods import picture_labels
from tests.catalog.dataset_files import png, write_dataset

FORM = registry.prompt_format("labelled-folder")


def picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cats, three dogs, one wild cat."""
    root = tmp_path / "pets"
    for i in range(2):
        picture(root / "cat" / f"{i}.png", i)
    for i in range(3):
        picture(root / "dog" / f"{i}.jpg", 10 + i)
    picture(root / "wild_cat" / "a picture.webp", 20)
    return root


def refused(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        read_prompts(path)
    return str(caught.value)


def test_folders_are_labels_and_come_in_turn(folder: Path) -> None:
    prompts = read_prompts(folder)
    assert [p.target for p in prompts] == ["cat", "dog", "wild cat", "cat", "dog", "dog"]
    assert [p.id for p in prompts][:3] == ["cat:0.png", "dog:0.jpg", "wild_cat:a picture.webp"]
    for prompt in prompts:
        assert picture_labels(prompt) == ("cat", "dog", "wild cat")
        assert prompt.tags == {"label": prompt.target}
        assert "these labels fits the picture best: cat, dog, wild cat?" in prompt.text
        [shown] = prompt.images
        assert Path(shown.path).parent.name.replace("_", " ") == prompt.target
        assert len(shown.sha256) == 64


def test_the_question_is_anybodys_own(folder: Path) -> None:
    (folder / "question.txt").write_text("Which pet ({labels})?\nSay only that.\n")
    assert {p.text for p in read_prompts(folder)} == {
        "Which pet (cat, dog, wild cat)?\nSay only that."
    }
    (folder / "wild_cat").rename(folder / "cat, wild")
    assert read_prompts(folder)[0].text.startswith("Which pet (cat; cat, wild; dog)?")
    (folder / "question.txt").write_text(" \n")
    assert "expected a question" in refused(folder)


def test_a_table_says_which_file_has_which_label(folder: Path) -> None:
    table = folder / "metadata.csv"
    table.write_text("file_name,label,tags.light\ncat/0.png,Tom,day\ndog/1.jpg,Rex,night\n")
    prompts = read_prompts(folder)
    assert [(p.target, p.tags["light"]) for p in prompts] == [("Rex", "night"), ("Tom", "day")]
    assert import_prompts(FORM, table) == prompts
    table.write_text("file_name,breed\ncat/0.png,Tom\ndog/1.jpg,Rex\n")
    assert "--map label=COLUMN" in refused(folder)
    [one, other] = import_prompts(FORM, folder, {"label": "breed"})
    assert {one.target, other.target} == {"Rex", "Tom"}
    (folder / "labels.jsonl").write_text('{"file": "cat/0.png", "label": "x"}\n')
    assert "found the tables labels.jsonl, metadata.csv" in refused(folder)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("gone.png,Tom", "line 2: found 'gone.png', but there is no"),
        (",Tom", "line 2, field file"),
        ("cat/0.png,", "line 2, field label"),
        ("cat/0.txt,Tom", "a file that ends in .png"),
    ],
)
def test_rows_that_are_wrong_are_told_with_their_line(folder: Path, row: str, told: str) -> None:
    (folder / "labels.csv").write_text(f"file,label\n{row}\ndog/1.jpg,Rex\n")
    assert told in refused(folder)


def test_columns_are_chosen_for_tables_only(folder: Path) -> None:
    with pytest.raises(BadInputError, match="--map is for tables"):
        import_prompts(FORM, folder, {"label": "breed"})


def test_an_empty_folder_and_one_label_are_told(tmp_path: Path) -> None:
    root = tmp_path / "pets"
    root.mkdir()
    assert "found no folders" in refused(root)
    picture(root / "cat" / "0.png", 0)
    assert "found one label, 'cat'; expected two or more" in refused(root)
    (root / "dog").mkdir()
    assert f"{root / 'dog'}: found no pictures" in refused(root)


def test_pictures_without_a_label_and_folders_within_labels_are_told(folder: Path) -> None:
    loose = picture(folder / "loose.png", 30)
    assert f"{loose}: found a picture without a label" in refused(folder)
    loose.unlink()
    picture(folder / "cat" / "kittens" / "0.png", 31)
    told = refused(folder)
    assert f"{folder / 'cat' / 'kittens'}: found a folder within the label 'cat'" in told
    assert f"give {folder / 'cat'}" in told


def test_labels_that_nobody_can_tell_apart_are_told(folder: Path) -> None:
    picture(folder / "Wild cat" / "0.png", 32)
    assert "'wild cat' and 'Wild cat'" in refused(folder) or "'Wild cat' and 'wild cat'" in refused(
        folder
    )


def test_a_picture_that_cannot_be_read_is_named(folder: Path) -> None:
    cut = folder / "dog" / "1.jpg"
    cut.write_bytes(cut.read_bytes()[:200])
    assert str(cut) in refused(folder)
    cut.unlink()
    old = folder / "dog" / "9.gif"
    old.write_bytes(b"GIF89a")
    assert f"{old}: found .gif" in refused(folder)


def test_one_picture_has_one_label(folder: Path) -> None:
    again = folder / "dog" / "again.png"
    again.write_bytes((folder / "cat" / "1.png").read_bytes())
    told = refused(folder)
    assert str(again) in told
    assert "as 'dog' and as 'cat'" in told


def test_what_is_no_picture_is_passed_over_and_told(folder: Path) -> None:
    before = read_prompts(folder)
    (folder / ".DS_Store").write_text("x")
    (folder / "README.md").write_text("x")
    (folder / "question.txt").write_text("Which, {labels}?")
    picture(folder / "cat" / ".hidden.png", 40)
    (folder / "dog" / "notes.txt").write_text("x")
    picture(folder / "__MACOSX" / "cat" / "0.png", 41)
    assert [p.id for p in read_prompts(folder)] == [p.id for p in before]
    assert FORM.left_out is not None
    assert FORM.left_out(folder, {}) == (
        ".DS_Store",
        "README.md",
        "__MACOSX",
        "cat/.hidden.png",
        "dog/notes.txt",
    )


def test_a_folder_makes_a_suite_that_classifiers_and_writers_can_be_compared_on(
    folder: Path,
) -> None:
    suite = from_prompts(folder, modality="text")
    assert suite.name == "pets"
    assert {"label.correct", "label.macro_f1", "likelihood.brier", "likelihood.ece"} <= {
        *suite.metrics
    }
    assert "exact_match" not in suite.metrics


def dataset(folder: Path, labels: list[int], rows_a_file: int = 300) -> list[bytes]:
    """Labelled pictures in several files; gives the pictures in their order."""
    folder.mkdir()
    shown = [png(number) for number in range(len(labels))]
    for number, first in enumerate(range(0, len(labels), rows_a_file)):
        part = slice(first, first + rows_a_file)
        columns = {
            "image": [{"bytes": one, "path": None} for one in shown[part]],
            "label": labels[part],
        }
        path = folder / f"{number:04}.parquet"
        write_dataset(path, columns, {"label": ["cat", "dog", "owl"]}, rows_a_group=70)
    return shown


def test_a_datasets_pictures_come_in_turn_however_it_is_sorted(tmp_path: Path) -> None:
    labels = [0] * 400 + [2] * 200 + [1] * 10
    shown = dataset(tmp_path / "pets", labels)
    found = import_prompts(FORM, tmp_path / "pets", limit=300, pictures=tmp_path / "kept")
    assert [p.target for p in found[:6]] == ["cat", "dog", "owl"] * 2
    assert [p.id for p in found[:4]] == ["cat:1", "dog:601", "owl:401", "cat:2"]
    wanted = [*range(145)], [*range(600, 610)], [*range(400, 545)]
    for label, rows in zip(("cat", "dog", "owl"), wanted, strict=True):
        kept = [Path(p.images[0].path).read_bytes() for p in found if p.target == label]
        assert kept == [shown[row] for row in rows[: len(kept)]]
    assert len(found) == len(list((tmp_path / "kept").iterdir())) == 300
    assert picture_labels(found[0]) == ("cat", "dog", "owl")
    whole = import_prompts(FORM, tmp_path / "pets", pictures=tmp_path / "kept")
    assert len(whole) == 610


def test_a_datasets_columns_are_chosen_and_its_faults_told(tmp_path: Path) -> None:
    dataset(tmp_path / "pets", [0, 1, -1])
    with pytest.raises(BadInputError, match=r"row 3, field label: found -1 .*expected the pic"):
        import_prompts(FORM, tmp_path / "pets", pictures=tmp_path / "kept")
    one = {"bytes": png(1), "path": "a.png"}
    columns = {"shown": [one, one], "what": ["cat", "dog"], "kind": ["x", "y"]}
    path = tmp_path / "p.parquet"
    parquet.write_table(pa.table(columns), path)
    chosen = {"file": "shown", "label": "what", "tags.kind": "kind"}
    with pytest.raises(BadInputError, match=r"row 2: found the picture of .*row 1 again"):
        import_prompts(FORM, path, chosen, pictures=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    [prompt] = import_prompts(FORM, path, chosen, limit=1, pictures=tmp_path / "kept")
    assert (prompt.target, prompt.tags) == ("cat", {"label": "cat", "kind": "x"})
    with pytest.raises(BadInputError, match="no column 'gone'"):
        import_prompts(FORM, path, chosen | {"label": "gone"}, pictures=tmp_path / "kept")
    with pytest.raises(BadInputError, match="field shown: found no pictures; expected one"):
        parquet.write_table(pa.table(columns | {"shown": [one, None]}), path)
        import_prompts(FORM, path, chosen, pictures=tmp_path / "kept")


def test_files_of_a_dataset_that_differ_are_told(tmp_path: Path) -> None:
    dataset(tmp_path / "pets", [0, 1] * 40)
    one = {"bytes": png(1), "path": None}
    other = pa.table({"photo": [one, one], "label": ["cat", "dog"]})
    parquet.write_table(other, tmp_path / "pets" / "1111.parquet")
    with pytest.raises(BadInputError, match=r"1111.parquet: found no pictures in a column 'image'"):
        import_prompts(FORM, tmp_path / "pets", pictures=tmp_path / "kept")
