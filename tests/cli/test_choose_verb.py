from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

import evalharness
from evalharness.cli.main import _application
from evalharness.core.errors import BadInputError, HarnessError, StoreError
from evalharness.ledger.published import connect
from evalharness.ledger.store import Store
from evalharness.tinyworld.scene import AESTHETICS
from tests.looks import fill


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("painted"))


@pytest.fixture
def world(painted: Path, tmp_path: Path) -> Path:
    shutil.copytree(painted, tmp_path / "world")
    return tmp_path / "world"


def ask(world: Path, *arguments: str) -> Any:
    words = ["choose", *arguments, "--store", str(world / "store")]
    return CliRunner().invoke(_application(words), words)


def test_a_folder_of_references_finds_the_painter_of_that_look(world: Path) -> None:
    for look in AESTHETICS:
        name = look.replace(" ", "-")
        answer = ask(world, "mine", "--references", str(world / name), "--format", "json")
        found = json.loads(answer.stdout)
        assert (found["verdict"], found["best"]) == ("choice", f"paints-{name}")


def test_the_api_answers_as_the_command_does_and_looks_once_only(world: Path) -> None:
    refs = world / "watercolour"
    found = evalharness.choose("mine", references=refs, store=world / "store")
    assert found.best == "paints-watercolour"
    store = Store.open(world / "store")
    before = store.current.read_text()
    again = evalharness.choose(references=[refs], store=world / "store")
    assert again == found
    assert store.current.read_text() == before


def test_words_are_seen_by_a_network_that_knows_pictures(world: Path) -> None:
    answer = ask(
        world, "mine", "--words", "a watercolour painting", "--words-by", "tiny-clip",
        "--format", "markdown",
    )  # fmt: skip
    assert answer.exit_code == 0
    assert "## Best for the brief: paints-watercolour" in answer.stdout.replace("\\", "")


def test_limits_and_a_file_work_together(world: Path) -> None:
    (world / "brief.yaml").write_text("references: [./watercolour]\n")
    answer = ask(
        world, "mine", "--brief", str(world / "brief.yaml"), "--limit", "licence=commercial",
        "--limit", "memory=3.5", "--format", "json",
    )  # fmt: skip
    found = json.loads(answer.stdout)
    assert {r["model"] for r in found["rejected"]} == {"paints-watercolour", "paints-pixel-art"}
    assert [r["model"] for r in found["rejected"] if r["nearest"]] == ["paints-pixel-art"]
    assert any(f["model"] == "paints-watercolour" for f in found["flips"])


def test_the_table_and_the_self_test_read_well(world: Path) -> None:
    answer = ask(world, "mine", "--references", str(world / "illustration"))
    assert "Best for the brief: paints-illustration" in answer.stdout
    assert "Rejected" not in answer.stdout
    answer = ask(world, "mine", "--self-test")
    assert answer.exit_code == 0
    assert "4 models, 10 prompts" in answer.stdout
    assert "lead back to it: top-1" in answer.stdout


@pytest.mark.slow
def test_prompts_of_ones_own_are_put_to_the_models_first(world: Path) -> None:
    (world / "more.txt").write_text("a yellow star\na pink cat\na blue car\na green boat\n")
    found = evalharness.choose(
        prompts=world / "more.txt", models=str(world / "painters.yaml"), run_first=True,
        references=world / "photograph", words_by="tiny-clip", store=world / "store",
    )  # fmt: skip
    assert (found.suite, found.best) == ("more", "paints-photograph")


@pytest.mark.parametrize("kind", ["text", "bomb", "nothing", "missing"])
def test_references_that_cannot_be_read_are_refused_and_nothing_is_lost(
    world: Path, kind: str
) -> None:
    folder = world / "refs"
    if kind != "missing":
        folder.mkdir()
    if kind == "text":
        (folder / "a.png").write_text("not a picture at all")
    if kind == "bomb":
        flat = np.zeros((12_000, 12_000), np.uint8)
        cv2.imwrite(str(folder / "a.png"), flat)
    with pytest.raises(HarnessError, match=r"a\.png|no pictures|There is no picture"):
        evalharness.choose("mine", references=folder, store=world / "store")
    good = evalharness.choose("mine", references=world / "photograph", store=world / "store")
    assert good.best == "paints-photograph"


def test_an_empty_store_and_an_unknown_suite_are_told(tmp_path: Path, world: Path) -> None:
    Store.create(tmp_path / "empty")
    with pytest.raises(StoreError, match="no results yet"):
        evalharness.choose(words="noir", store=tmp_path / "empty")
    with pytest.raises(StoreError, match="There is no store"):
        evalharness.choose(words="noir", store=tmp_path / "nowhere")
    with pytest.raises(HarnessError, match="mine"):
        evalharness.choose("mien", words="noir", words_by="tiny-clip", store=world / "store")
    with pytest.raises(BadInputError, match="gives no vector"):
        evalharness.choose("mine", words="noir", words_by="style-statistics", store=world / "store")


def test_references_are_kept_as_features_not_as_outputs(world: Path) -> None:
    store = Store.open(world / "store")

    def count(table: str) -> int:
        connection = connect(store)
        [(number,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
        connection.close()
        return int(number)

    artifacts = count("artifacts")
    evalharness.choose("mine", references=world / "photograph", store=world / "store")
    assert count("artifacts") == artifacts
    assert count("reference_members") == 6
