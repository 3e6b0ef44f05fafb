"""Runs the steps of CI recipes as a runner would, as far as they are shell."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
ACTION = ROOT / ".github" / "actions" / "gate"
_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
_INHERITED = ("PATH", "HOME", "LANG", "HF_HUB_OFFLINE", "EVALHARNESS_CACHE")


def recipe(path: Path) -> dict[str, Any]:
    """A recipe's YAML; its `on` is a key and no truth value."""
    found = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
    assert isinstance(found, dict)
    return found


@dataclass
class Job:
    """What became of a job: every shell step's exit code, and what the runner keeps."""

    folder: Path
    code: int = 0
    log: str = ""
    uploads: list[tuple[str, str]] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """The job's summary page."""
        return (self.folder / "summary").read_text("utf-8")


def run_shell(script: str, folder: Path, env: Mapping[str, str]) -> tuple[int, str]:
    """The exit code and the output of a script under the flags that runners give bash."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**inherited, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def run_action(folder: Path, given: Mapping[str, str]) -> Job:
    """The composite action with these inputs; a step after a failed one runs only if it says so."""
    action, job = recipe(ACTION / "action.yml"), Job(folder)
    inputs = {name: one.get("default") for name, one in action["inputs"].items()}
    assert set(given) <= set(inputs), "the action has no such input"
    inputs |= given
    assert None not in inputs.values(), "an input that is required was not given"
    for step in action["runs"]["steps"]:
        if job.code and step.get("if") != "always()":
            continue
        known = {f"inputs.{name}": value for name, value in inputs.items()}
        known |= {f"steps.gate.outputs.{name}": value for name, value in job.outputs.items()}
        known["github.action_path"] = str(ACTION)
        if "uses" in step:
            told = {name: _filled(value, known) for name, value in step["with"].items()}
            job.uploads.append((told["name"], told["path"]))
            continue
        assert not _EXPRESSION.search(step["run"]), "inputs reach the shell by its environment only"
        env = {name: _filled(value, known) for name, value in step.get("env", {}).items()}
        code, said = run_shell(step["run"], folder, env | _runner_files(folder))
        job.log += said
        job.code = job.code or code
        job.outputs |= _outputs(folder)
    return job


def _runner_files(folder: Path) -> dict[str, str]:
    for name in ("summary", "outputs"):
        (folder / name).touch()
    return {
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_OUTPUT": str(folder / "outputs"),
    }


def _outputs(folder: Path) -> dict[str, str]:
    lines = (folder / "outputs").read_text("utf-8").splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _filled(text: str, known: Mapping[str, str]) -> str:
    """The text with its expressions replaced; one that nobody knows fails the test."""
    return _EXPRESSION.sub(lambda found: known[found[1]], text)


def gitlab_job(name: str) -> dict[str, Any]:
    """A job of the GitLab recipe with what it extends, and the variables of both."""
    whole = recipe(ROOT / "ci" / "gitlab" / "gate.yml")
    job = whole[name]
    parent = whole[job["extends"]]
    variables = whole["variables"] | parent["variables"] | job.get("variables", {})
    return {**parent, **job, "variables": variables}


def run_gitlab(folder: Path, name: str, changed: Mapping[str, str]) -> Job:
    """A GitLab job with some of its variables changed."""
    told, job = gitlab_job(name), Job(folder)
    assert set(changed) <= set(told["variables"]), "the job has no such variable"
    env = {**told["variables"], **changed, "CI_PROJECT_DIR": str(folder)}
    script = "\n".join([*told["before_script"], *told["script"]])
    job.code, job.log = run_shell(script, folder, env)
    after, said = run_shell("\n".join(told["after_script"]), folder, env)
    assert after == 0, said
    return job
