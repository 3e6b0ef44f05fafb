"""The recipes for CI are run here: one that cannot run fails."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import yaml

import evalharness
from evalharness.board.gate.mismatch import check_asked, check_measured
from evalharness.catalog.baselines import baseline_text, read_baseline
from evalharness.catalog.suites import load_suite
from evalharness.core.baseline import AskedPrompt
from evalharness.core.keys import prompt_digest, suite_digest
from evalharness.deciding.baselines import take_baseline
from evalharness.runner.measured_by import measured_by
from tests.ci_recipes import ACTION, ROOT, gitlab_job, recipe, run_action, run_gitlab

WORKFLOWS = sorted((ROOT / "ci" / "github").glob("*.yml"))
SUITE = {
    "name": "painted",
    "prompts": [
        f"a {colour} {thing}"
        for colour in ("red", "blue", "green", "yellow", "orange", "pink")
        for thing in ("ball", "fish", "house", "star")
    ],
    "seeds": 2,
    "metrics": ["technical.sharpness[pixels]", "technical.contrast[pixels]"],
    "models": ["./painter.yaml"],
}
PAINTED = {"suite": "painted.yaml", "baseline": "base.json"}


def painter(**options: object) -> str:
    return yaml.safe_dump(
        {"name": "one", "backend": "painter", "options": {"look": "illustration", **options}}
    )


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("before")
    (folder / "painted.yaml").write_text(yaml.safe_dump(SUITE))
    (folder / "painter.yaml").write_text(painter())
    evalharness.run(str(folder / "painted.yaml"), store=folder / "store")
    return baseline_text(take_baseline(str(folder / "painted.yaml"), folder / "store"))


@pytest.fixture
def checkout(baseline: str, tmp_path: Path) -> Path:
    """A repository with a suite, a model, its baseline, and a candidate that blurs."""
    (tmp_path / "painted.yaml").write_text(yaml.safe_dump(SUITE))
    (tmp_path / "painter.yaml").write_text(painter())
    (tmp_path / "blurred.yaml").write_text(painter(blur=1.5))
    (tmp_path / "grainy.yaml").write_text(painter(noise=0.004))
    (tmp_path / "broken.yaml").write_text(painter(fail=1.0))
    (tmp_path / "base.json").write_text(baseline)
    return tmp_path


UNDECIDED = {
    "models": "grainy.yaml",
    "arguments": "--epsilon technical.contrast=1e-7 --epsilon technical.sharpness=1e6",
}


def test_an_unchanged_model_passes_and_everything_is_kept(checkout: Path) -> None:
    job = run_action(checkout, PAINTED)
    assert (job.code, job.outputs) == (0, {"outcome": "pass"}), job.log
    assert job.summary.startswith("## Gate of painted\\: pass")
    assert job.uploads == [("gate", "gate")]
    assert {path.name for path in (checkout / "gate").iterdir()} == {
        "gate.json", "junit.xml", "summary.md", "comment.md", "badge.svg", "thumbs", "report.html",
    }  # fmt: skip
    assert Xml.parse(checkout / "gate" / "junit.xml").getroot().get("failures") == "0"


def test_a_regression_fails_the_job_after_everything_was_kept(checkout: Path) -> None:
    job = run_action(checkout, {**PAINTED, "models": "blurred.yaml"})
    assert (job.code, job.outputs) == (1, {"outcome": "regression"}), job.log
    assert "::error title=Regression::" in job.log
    assert "Worst on technical.sharpness" in job.summary
    assert job.uploads
    assert Xml.parse(checkout / "gate" / "junit.xml").getroot().get("failures") != "0"


@pytest.mark.slow
@pytest.mark.parametrize(("wanted", "code", "word"), [("warn", 0, "warning"), ("fail", 3, "error")])
def test_an_inconclusive_gate_warns_or_fails(
    checkout: Path, wanted: str, code: int, word: str
) -> None:
    job = run_action(checkout, {**PAINTED, **UNDECIDED, "inconclusive": wanted})
    assert (job.code, job.outputs) == (code, {"outcome": "inconclusive"}), job.log
    assert f"::{word} title=Inconclusive::" in job.log


@pytest.mark.slow
def test_what_broke_is_told_from_a_regression(checkout: Path) -> None:
    job = run_action(checkout, {**PAINTED, "models": "broken.yaml"})
    assert (job.code, job.outputs) == (4, {"outcome": "broken"}), job.log
    assert "::error title=Infrastructure::" in job.log
    assert "only 0 of 48 outputs" in job.summary.replace("\\", "")


def test_a_baseline_that_was_edited_is_refused(checkout: Path) -> None:
    text = (checkout / "base.json").read_text()
    (checkout / "base.json").write_text(text.replace('"version": 1', '"version": 2', 1))
    job = run_action(checkout, PAINTED)
    assert (job.code, job.outputs) == (2, {"outcome": "refused"}), job.log
    assert "was edited" in job.log
    assert "wrote no summary (refused)" in job.summary


@pytest.mark.slow
def test_what_a_gate_prints_is_no_command_to_the_runner(checkout: Path) -> None:
    """Runners obey lines that begin with two colons, whoever wrote them."""
    text = (checkout / "painted.yaml").read_text()
    (checkout / "painted.yaml").write_text(text.replace("a red ball", "'::error::a red ball'"))
    job = run_action(checkout, PAINTED)
    stop = re.search(r"^::stop-commands::([0-9a-f]{32})$", job.log, re.MULTILINE)
    assert stop is not None
    printed = job.log[stop.end() : job.log.index(f"\n::{stop[1]}::")]
    assert "another suite" in printed or "another suite" in job.log


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_use_the_action_as_it_is(path: Path) -> None:
    action = recipe(ACTION / "action.yml")
    workflow = recipe(path)
    assert workflow["on"] and workflow["permissions"]
    gates = [
        step
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").endswith("/.github/actions/gate@main")
    ]
    assert gates
    required = {name for name, one in action["inputs"].items() if one.get("required") == "true"}
    for step in gates:
        assert required <= set(step["with"]) <= set(action["inputs"])


@pytest.mark.slow
def test_the_comment_of_a_pull_request_is_the_gates_own(checkout: Path) -> None:
    [comment] = [
        step
        for step in recipe(ROOT / "ci" / "github" / "pull-request.yml")["jobs"]["gpu"]["steps"]
        if step.get("name") == "Comment"
    ]
    run_action(checkout, {**PAINTED, "models": "blurred.yaml"})
    file = re.search(r"--body-file (\S+)", comment["run"])
    assert file is not None
    assert "REGRESSION" in (checkout / file[1]).read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 0),
        ({"MODELS": "blurred.yaml"}, 1),
        ({"MODELS": UNDECIDED["models"], "ARGUMENTS": UNDECIDED["arguments"]}, 3),
    ],
)
def test_a_gitlab_job_reports_what_it_found(
    checkout: Path, changed: dict[str, str], code: int
) -> None:
    mine = {"SUITE": "painted.yaml", "BASELINE": "base.json", "MODELS": "", "ARGUMENTS": ""}
    job = run_gitlab(checkout, "gate-gpu", {**mine, "EVALHARNESS": str(ROOT), **changed})
    assert job.code == code, job.log
    told = gitlab_job("gate-gpu")
    Xml.parse(checkout / told["artifacts"]["reports"]["junit"])
    assert (checkout / told["artifacts"]["paths"][0] / "report.html").is_file()
    assert told["allow_failure"]["exit_codes"] == ["3"]


def test_the_committed_baseline_is_of_what_ci_asks() -> None:
    """Whoever changes the suite or what measures it saves a new baseline."""
    [given] = [
        step["with"]
        for step in recipe(ROOT / "ci" / "github" / "pull-request.yml")["jobs"]["cpu"]["steps"]
        if "baseline" in step.get("with", {})
    ]
    before, suite = read_baseline(ROOT / given["baseline"]), load_suite(given["suite"])
    prompts = [AskedPrompt(prompt.id, prompt_digest(prompt)) for prompt in suite.prompts]
    check_asked(before, suite.name, suite.version, suite_digest(suite), prompts)
    check_measured(before, measured_by(suite, ROOT / "suites", executing=False))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f"gate {given['suite']} --baseline {given['baseline']} " in makefile
