"""The gate with input that somebody got wrong, or made to do harm."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
import yaml
from typer.testing import CliRunner

from evalharness.cli.main import _application
from evalharness.ledger.store import Store

HOSTILE = (
    '<script>alert(1)</script> ![x](http://evil.example/a.png) =cmd|"/c calc"!A1 '
    "\u202egnp.exe @everyone ]]> ::error::x"
)


def verb(*words: str) -> Any:
    return CliRunner().invoke(_application(list(words)), list(words))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "said.yaml").write_text(
        yaml.safe_dump(
            {
                "name": "said",
                "title": HOSTILE,
                "modality": "text",
                "prompts": [
                    {"id": f"p{i}", "text": f"{i} {HOSTILE}", "target": f"{HOSTILE} {i}"}
                    for i in range(16)
                ],
                "metrics": ["exact_match"],
            }
        )
    )
    write_model(tmp_path)
    return tmp_path


def write_model(folder: Path, **options: object) -> None:
    model = {
        "name": "one", "title": HOSTILE, "backend": "fake", "modality": "text",
        "options": {"table": {HOSTILE: HOSTILE}, **options},
    }  # fmt: skip
    (folder / "one.yaml").write_text(yaml.safe_dump(model))


@pytest.mark.parametrize(
    "words",
    [
        ("gate", "said.yaml", "--baseline", "20260101-run"),
        ("baseline", "save", "said.yaml"),
        ("history", "said"),
    ],
)
@pytest.mark.parametrize("there", [False, True])
def test_an_empty_store_is_told_as_such(here: Path, words: tuple[str, ...], there: bool) -> None:
    if there:
        Store.create(here / "store")
    done = verb(*words, "--store", "store")
    told = f"{done.stderr} {done.exception}"
    assert done.exit_code == (4 if words[0] == "gate" else 1), told
    assert ("Nothing has been published" if there else "There is no store") in told


def test_hostile_prompts_models_and_settings_are_inert_in_everything_a_gate_says(
    here: Path,
) -> None:
    common = ("--models", "one.yaml", "--store", "store")
    assert verb("run", "said.yaml", *common).exit_code == 0
    assert verb("baseline", "save", "said.yaml", "--store", "store").exit_code == 0
    write_model(here, wrong=1.0)
    told = verb("gate", "said.yaml", "--baseline", "said.baseline.json", *common, "--out", "out")
    assert told.exit_code == 1, told.output + str(told.exception)
    written = [path.read_text() for path in (here / "out").iterdir() if path.is_file()]
    shown = [
        verb("baseline", "show", "said.baseline.json").stdout,
        verb("baseline", "diff", "said.baseline.json", "said.baseline.json").stdout,
        verb("history", "said", "--store", "store").stdout,
    ]
    for text in (told.stdout, *written, *shown):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
        assert not re.search(r"^::", text, re.MULTILINE)
    for name in ("summary.md", "comment.md"):
        page = (here / "out" / name).read_text()
        assert "alert" in page
        assert "<script" not in re.sub(r"\\.", "", page)
        assert "](http" not in re.sub(r"\\.", "", page)
        assert "@everyone" not in page
    failure = Xml.parse(here / "out" / "junit.xml").getroot().find(".//failure")
    assert failure is not None and failure.text is not None
    assert "<script>alert(1)</script>" in failure.text
