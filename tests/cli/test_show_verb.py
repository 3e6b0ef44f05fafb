from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import evalharness
from evalharness.cli import main as cli_main
from evalharness.cli.main import _application
from evalharness.core.errors import UnknownNameError


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("painted")
    (folder / "one.txt").write_text("a red ball\na blue fish\na green tree\n")
    (folder / "two.txt").write_text("a purple moon\nan orange house\n")
    models = [{"name": name, "backend": "painter", "licence": "MIT",
               "options": {"look": look}}
              for name, look in (("paints", "watercolour"), ("pixels", "pixel art"))]  # fmt: skip
    (folder / "models.yaml").write_text(yaml.safe_dump(models))
    for prompts in ("one.txt", "two.txt"):
        evalharness.run(
            prompts=folder / prompts,
            models=str(folder / "models.yaml"),
            metrics=["technical.sharpness[pixels]", "latency"],
            store=folder / "store",
        )
    return folder


def ask(world: Path, *arguments: str) -> Any:
    words = ["show", *arguments, "--store", str(world / "store")]
    return CliRunner().invoke(_application(words), words)


def test_a_model_is_shown_in_every_suite_or_in_those_named(painted: Path) -> None:
    every = ask(painted, "paints").stdout
    assert "one.txt (version 1)" in every and "two.txt (version 1)" in every
    assert "MIT (permissive)" in every and "Not told" in every
    named = ask(painted, "paints", "--suite", "two", "--format", "json").stdout
    assert json.loads(named)["suite"] == "two"
    assert "### Best pictures" in ask(painted, "paints", "--format", "markdown").stdout


def test_the_api_shows_what_the_command_does(painted: Path) -> None:
    found = evalharness.profile("one", "pixels", store=painted / "store")
    assert found.pool == ("paints", "pixels") and found.statuses == {"ok": 3}


def test_an_unknown_model_is_explained(painted: Path) -> None:
    for arguments in (["pants"], ["pants", "--suite", "one"]):
        failed = ask(painted, *arguments)
        assert isinstance(failed.exception, UnknownNameError)
        assert "Did you mean 'paints'" in str(failed.exception)


def test_an_error_writes_no_escape_sequences_to_the_terminal(
    painted: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = painted / "pa\x1b[31mnts\u202e.png"
    evil.write_text("no picture")
    asked = ["choose", "one", "--references", str(evil), "--store", str(painted / "store")]
    monkeypatch.setattr("sys.argv", ["evalharness", *asked])
    with pytest.raises(SystemExit):
        cli_main.main()
    told = capsys.readouterr().err
    assert "pants.png" in told
    assert "\x1b" not in told and "\u202e" not in told
