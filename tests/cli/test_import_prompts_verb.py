from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def captions(tmp_path) -> str:
    (tmp_path / "captions.csv").write_text("caption,genre\na mug,photo\na mug,anime\na dog,photo\n")
    return "captions.csv"


def test_imported_prompts_can_be_run(cli, tmp_path, captions):
    made = ["-o", "prompts/mine.jsonl", "--map", "tags.style=genre"]
    done = cli("import-prompts", "table", captions, *made)
    assert "3 prompts written to prompts/mine.jsonl" in done.stdout
    assert "licence is that of the file" in done.stdout
    assert "passed over" not in done.stderr
    lines = (tmp_path / "prompts" / "mine.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a-mug", "a-mug-2", "a-dog"]
    ask = ["--prompts", "prompts/mine.jsonl", "--models", "fake:x", "--metrics", "latency"]
    # the same text is asked once, and answers both prompts
    assert "2 outputs generated" in cli("run", *ask).stderr
    assert "latency" in cli("board", "--where", "style=photo").stdout


def test_a_table_can_be_run_as_it_is(cli, captions):
    ask = ["--prompts", captions, "--models", "fake:x", "--metrics", "latency"]
    told = cli("run", *ask).stderr
    assert "2 outputs generated" in told
    assert "captions.csv: passed over columns (1): genre" in told


def test_licence_and_source_are_said(cli, tmp_path):
    row = {"prompt": "a mug", "atom_count": 1, "vqa_list": [["Is it a mug?", "Yes"]]}
    (tmp_path / "g.jsonl").write_text(json.dumps({**row, "skills": ["object"]}))
    said = cli("import-prompts", "geneval2", "g.jsonl", "-o", "out.jsonl").stdout
    assert "CC-BY-NC-4.0 (no commercial use)" in said
    assert "https://github.com/facebookresearch/GenEval2" in said


def test_bad_input_never_touches_what_is_there(cli, tmp_path, captions):
    out = tmp_path / "out.jsonl"
    out.write_text('{"text": "precious"}\n')
    refused = cli("import-prompts", "table", captions, "-o", "out.jsonl", check=2)
    assert "left as it is" in refused.stderr
    (tmp_path / "bad.csv").write_text("caption\n\x07\n")
    cli("import-prompts", "table", "bad.csv", "-o", "out.jsonl", "--force", check=2)
    assert out.read_text() == '{"text": "precious"}\n'
    cli("import-prompts", "table", captions, "-o", "out.jsonl", "--force", "--limit", "1")
    assert json.loads(out.read_text())["text"] == "a mug"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv", "captions.csv", "out.jsonl"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["genval", "x.jsonl"], "Did you mean 'geneval'"),
        (["geneval", "none.jsonl"], "none.jsonl cannot be read: No such file"),
        (["geneval", "captions.csv"], "captions.csv, line 2: found a mapping with caption, genre"),
        (["geneval"], "Give a FILE or --fetch"),
        (["geneval", "captions.csv", "--fetch"], "Give a FILE or --fetch"),
        (["table", "--fetch"], "has no published file"),
        (["table", "captions.csv", "--map", "words=caption"], "expected FIELD=COLUMN"),
        (["geneval", "captions.csv", "--map", "text=caption"], "knows its columns"),
        (["table", "hf:org/name"], "hf download org/name"),
    ],
)
def test_wrong_input_is_explained(cli, tmp_path, captions, arguments, words):
    failed = cli("import-prompts", *arguments, "-o", "out.jsonl", check=2)
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_formats_are_listed_with_their_licences(cli):
    listed = cli("list", "formats").stdout
    for words in ("geneval", "partiprompts", "Apache-2.0", "CC-BY-NC-4.0", "oneig", "the file's"):
        assert words in listed


def test_a_labelled_folder_is_imported_or_run_as_it_is(cli, tmp_path):
    for i, name in enumerate(("cat/0", "cat/1", "dog/0", "dog/1")):
        path = tmp_path / "pets" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(i).integers(0, 256, (9, 12, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("x")
    done = cli("import-prompts", "labelled-folder", "pets", "-o", "made/pets.jsonl")
    assert "passed over what is no picture (1): cat/notes.txt" in done.stderr
    rows = [
        json.loads(line) for line in (tmp_path / "made" / "pets.jsonl").read_text().splitlines()
    ]
    assert [row["images"] for row in rows][:2] == [["../pets/cat/0.png"], ["../pets/dog/0.png"]]
    ran = cli("run", "--prompts", "pets", "--models", "scribe-careful,scribe-classifier")
    assert "passed over what is no picture" in ran.stderr
    assert "8 outputs generated" in ran.stderr
    board = cli("board", "pets", "--format", "csv").stdout
    assert "scribe-classifier" in board
    assert "likelihood.brier" in board
