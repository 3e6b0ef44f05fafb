"""The functions that the suite `code` asks for: right answers pass, and slips are noticed."""

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evalharness.backends.scribe.truth import KNOWN, read_answers
from evalharness.catalog.suites import load_suite
from evalharness.core.nouns import Prompt
from tests.catalog.code_slips import SLIPS

ROOT = Path(__file__).resolve().parents[2]
PROMPTS = load_suite(str(ROOT / "suites" / "code.yaml")).prompts
KNOWN_ANSWERS = read_answers(KNOWN)

PASSES = """
import json, pathlib, signal, sys

def passes(program):
    signal.setitimer(signal.ITIMER_REAL, 5)
    try:
        exec(program, {"__name__": "__main__"})
    except BaseException:
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return True

def too_long(*_):
    raise TimeoutError

signal.signal(signal.SIGALRM, too_long)
programs = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
print(json.dumps({name: passes(program) for name, program in programs.items()}))
"""


def code(prompt: Prompt) -> dict[str, Any]:
    found = prompt.checks["code"]
    assert isinstance(found, dict)
    return found


def passing(programs: dict[str, str], folder: Path) -> set[str]:
    """The names of the programs that end without an error, all run in one fresh process."""
    (folder / "programs.json").write_text(json.dumps(programs), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PASSES, str(folder / "programs.json")],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
    )
    return {name for name, passed in json.loads(done.stdout.splitlines()[-1]).items() if passed}


def test_every_prompt_has_an_answer_and_slips() -> None:
    assert {prompt.id for prompt in PROMPTS} == SLIPS.keys()
    for name, slips in SLIPS.items():
        assert len(slips) >= 2, name


def test_right_answers_pass(tmp_path: Path) -> None:
    programs = {p.id: f"{KNOWN_ANSWERS[p.text].right}\n{code(p)['tests']}" for p in PROMPTS}
    assert passing(programs, tmp_path) == {prompt.id for prompt in PROMPTS}


def test_slips_fail(tmp_path: Path) -> None:
    programs = {}
    for prompt in PROMPTS:
        known, slips = KNOWN_ANSWERS[prompt.text], SLIPS[prompt.id]
        answer = known.right
        programs[f"{prompt.id}: the known wrong answer"] = f"{known.wrong}\n{code(prompt)['tests']}"
        programs[f"{prompt.id}: no answer"] = code(prompt)["tests"]
        for number, (right, wrong) in enumerate(slips):
            assert answer.count(right) >= 1, (prompt.id, right)
            slipped = answer.replace(right, wrong)
            ast.parse(slipped)
            programs[f"{prompt.id}: slip {number}"] = f"{slipped}\n{code(prompt)['tests']}"
    assert len(programs) > 3 * len(PROMPTS)
    assert passing(programs, tmp_path) == set()


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.id)
def test_prompts_name_what_is_tested(prompt: Prompt) -> None:
    asked = code(prompt)
    assert asked.keys() == {"tests", "entry_point"}
    assert asked["entry_point"] in prompt.text
    assert prompt.text.endswith("Answer with the code alone.")
    tests = ast.parse(asked["tests"])
    assert sum(isinstance(node, ast.Assert | ast.Try | ast.Raise) for node in ast.walk(tests)) >= 4
    names = {node.id for node in ast.walk(tests) if isinstance(node, ast.Name)}
    assert asked["entry_point"] in names
    imported = [n for n in ast.walk(tests) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert not imported
    assert asked["tests"] not in prompt.text


def test_code_is_spread_over_kinds() -> None:
    assert len(PROMPTS) == 43
    kinds = Counter(prompt.tags["category"] for prompt in PROMPTS)
    assert set(kinds) == {
        "text",
        "parsing",
        "numbers",
        "lists",
        "records",
        "algorithms",
        "classes",
    }
    levels = Counter(prompt.tags["difficulty"] for prompt in PROMPTS)
    assert levels.keys() == {"easy", "medium", "hard"}
    assert min(levels.values()) >= 5
