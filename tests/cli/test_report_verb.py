from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml


@pytest.fixture
def store(tmp_path: Path, cli) -> str:
    (tmp_path / "p.txt").write_text("a red ball\na blue fish\n")
    models = [{"name": name, "backend": "painter"} for name in ("one", "two")]
    (tmp_path / "m.yaml").write_text(yaml.safe_dump(models))
    cli("run", "--prompts", "p.txt", "--models", "./m.yaml", "--metrics", "latency")
    return "results"


def test_a_report_is_written_where_it_is_asked_for(cli, tmp_path: Path, store: str) -> None:
    assert "Wrote report.html" in cli("report").stdout
    assert "data:image/webp" in (tmp_path / "report.html").read_text("utf-8")
    cli("report", "p", "-o", "deep/r.md", "--compare", "one,two")
    assert "two against one" in (tmp_path / "deep" / "r.md").read_text("utf-8")
    assert json.loads(cli("show", "one", "--format", "json").stdout)["pool"] == ["one", "two"]
    for arguments, words in (
        (["-o", "r.pdf"], "ends in .html or .md"),
        (["--compare", "one"], "expected two sides"),
        (["--compare", "one,three"], "None of the suites has both"),
        (["q"], "There is no suite"),
    ):
        assert words in cli("report", *arguments, check=2).stderr
