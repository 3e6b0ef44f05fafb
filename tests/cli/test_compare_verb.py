from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import evalharness
from evalharness.cli.main import _application
from evalharness.core.errors import BadInputError, HarnessError

PROMPTS = [
    {"id": f"p{n}", "text": f"a red ball {n}", "tags": {"odd": str(n % 2)}} for n in range(6)
]


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two fake models, one of them with two takes."""
    folder = tmp_path_factory.mktemp("painted")
    (folder / "mine.jsonl").write_text("".join(json.dumps(one) + "\n" for one in PROMPTS))
    models = [{"name": name, "backend": "painter", "options": {"object_error": error}}
              for name, error in (("careful", 0.0), ("hasty", 0.9))]  # fmt: skip
    (folder / "models.yaml").write_text(yaml.safe_dump(models))
    ask = {
        "prompts": folder / "mine.jsonl",
        "models": str(folder / "models.yaml"),
        "metrics": ["technical.sharpness[pixels]", "latency"],
        "store": folder / "store",
    }
    evalharness.run(**ask)
    evalharness.run(**ask, fresh=True)
    return folder


def ask(world: Path, *arguments: str) -> Any:
    words = ["compare", *arguments, "--store", str(world / "store")]
    return CliRunner().invoke(_application(words), words)


def test_two_models_as_a_table_markdown_and_json(painted: Path) -> None:
    table = ask(painted, "mine", "careful", "hasty").stdout
    assert "hasty against careful" in table and "technical.sharpness" in table
    markdown = ask(painted, "mine", "careful", "hasty", "--format", "markdown").stdout
    assert "### Metrics on outputs" in markdown
    found = json.loads(ask(painted, "mine", "careful", "hasty", "--format", "json").stdout)
    assert found["pairs"] == 6 and len(found["metrics"]) == 2


def test_two_takes_of_one_painter_are_identical(painted: Path) -> None:
    said = ask(painted, "mine", "careful@take1", "careful@take2").stdout
    assert "identical, byte for byte" in said
    found = evalharness.compare(
        "mine", "careful@take1", "careful@take2", store=painted / "store", where={"odd": "1"}
    )
    assert found.identical == found.pairs == 3
    assert [m.reason for m in found.metrics] == [
        "identical outputs: not tested",
        "not tested: measured by batch, not in turns",
    ]


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (("careful", "careful"), "Both sides are 'careful'"),
        (("careful", "hasti"), "Did you mean 'hasty'"),
        (("careful", "careful@take9"), "There is no take 9"),
        (("careful", "careful@nine"), "expected MODEL"),
    ],
)
def test_wrong_sides_are_explained(painted: Path, sides: tuple[str, str], words: str) -> None:
    failed = ask(painted, "mine", *sides)
    assert isinstance(failed.exception, HarnessError) and words in str(failed.exception)


def test_a_wrong_slice_is_explained(painted: Path) -> None:
    failed = ask(painted, "mine", "careful", "hasty", "--where", "odd")
    assert isinstance(failed.exception, BadInputError)
