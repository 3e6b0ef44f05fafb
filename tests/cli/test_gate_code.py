"""A gate over programs that models wrote: run only where a person allows it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import evalharness
from evalharness.cli.main import _application

WRITTEN = {
    "write one": "def one():\n    return 1",
    "write two": "def two():\n    return 2",
}
PROMPTS = [
    {
        "id": name,
        "text": f"write {name}",
        "checks": {"code": {"tests": f"assert {name}() == {n}", "entry_point": name}},
    }
    for n, name in enumerate(("one", "two"), start=1)
]


@pytest.fixture
def coded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a run over programs, and its baseline."""
    monkeypatch.chdir(tmp_path)
    coder = {"name": "coder", "backend": "fake", "modality": "text", "options": {"table": WRITTEN}}
    suite = {
        "name": "coded",
        "modality": "text",
        "prompts": PROMPTS,
        "seeds": 1,
        "metrics": ["code.passed[python]", "latency"],
        "models": ["./coder.yaml"],
    }
    (tmp_path / "coder.yaml").write_text(yaml.safe_dump([coder]))
    (tmp_path / "coded.yaml").write_text(yaml.safe_dump(suite))
    evalharness.run("coded.yaml", store="store", allow_code_execution=True)
    saved = verb("baseline", "save", "./coded.yaml", "-o", "base.json")
    assert saved.exit_code == 0, saved.output
    return tmp_path


def verb(*words: str):
    line = [*words, "--store", "store"]
    return CliRunner().invoke(_application(line), line)


def test_without_permission_nothing_is_generated_and_the_option_is_named(coded: Path) -> None:
    before = sorted((coded / "store" / "journal").iterdir())
    done = verb("gate", "./coded.yaml", "--baseline", "base.json")
    assert done.exit_code == 4
    assert "--allow-code-execution" in done.output
    assert sorted((coded / "store" / "journal").iterdir()) == before


def test_with_permission_programs_are_run_and_judged(coded: Path) -> None:
    done = verb("gate", "./coded.yaml", "--baseline", "base.json", "--allow-code-execution")
    assert done.exit_code == 0, done.output
    assert "code.passed[python]" in done.output
