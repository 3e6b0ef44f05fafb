"""The files as they are published, read from beside the project where they are there."""

import csv
import gzip
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from evalharness.catalog import registry
from evalharness.catalog.importing import import_prompts, write_prompts
from evalharness.catalog.prompts import read_prompts
from evalharness.core.nouns import Prompt

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = {
    "dpg": "dpg/prompts",
    "geneval": "geneval/evaluation_metadata.jsonl",
    "humaneval": "humaneval/HumanEval.jsonl.gz",
    "partiprompts": "partiprompts/PartiPrompts.tsv",
    "vbench": "vbench/VBench_full_info.json",
}
COUNTS = {"dpg": 40, "geneval": 553, "humaneval": 164, "partiprompts": 1632, "vbench": 946}


def published(name: str) -> Path:
    path = DATA / FILES[name]
    if not path.exists():
        pytest.skip(f"the published file of {name} is not beside the project ({path})")
    return path


def imported(name: str) -> tuple[Prompt, ...]:
    return import_prompts(registry.prompt_format(name), published(name))


@pytest.mark.parametrize("name", FILES)
def test_every_prompt_comes_through_and_is_read_back(name: str, tmp_path: Path) -> None:
    prompts = imported(name)
    assert len(prompts) == COUNTS[name]
    assert len({prompt.id for prompt in prompts}) == COUNTS[name]
    write_prompts(tmp_path / "out.jsonl", prompts)
    assert read_prompts(tmp_path / "out.jsonl") == prompts


def test_geneval_keeps_tasks_objects_colours_and_positions() -> None:
    lines = published("geneval").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    prompts = imported("geneval")
    for row, prompt in zip(rows, prompts, strict=True):
        assert prompt.text == row["prompt"]
        assert prompt.tags == {"task": row["tag"]}
        kinds = {kind: row[kind] for kind in ("include", "exclude") if kind in row}
        assert prompt.checks == {"geneval": kinds}
    assert Counter(prompt.tags["task"] for prompt in prompts) == {
        "single_object": 80,
        "two_object": 99,
        "counting": 80,
        "colors": 94,
        "position": 100,
        "color_attr": 100,
    }


def test_parti_keeps_quotes_spaces_and_notes() -> None:
    with published("partiprompts").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    prompts = imported("partiprompts")
    for row, prompt in zip(rows, prompts, strict=True):
        assert prompt.text == row["Prompt"]
        tags = {"category": row["Category"], "challenge": row["Challenge"], "note": row["Note"]}
        assert prompt.tags == {name: value for name, value in tags.items() if value}
    assert sum('"' in prompt.text for prompt in prompts) > 10
    assert sum(prompt.text.endswith(" ") for prompt in prompts) == 9
    assert sum("note" in prompt.tags for prompt in prompts) == 190
    assert len({prompt.tags["category"] for prompt in prompts}) == 12
    assert len({prompt.tags["challenge"] for prompt in prompts}) == 11


def test_vbench_keeps_dimensions_and_what_is_known_of_them() -> None:
    rows = json.loads(published("vbench").read_text("utf-8"))
    prompts = imported("vbench")
    for row, prompt in zip(rows, prompts, strict=True):
        assert prompt.text == row.pop("prompt_en")
        assert prompt.checks == {"vbench": row}
        assert prompt.tags["dimension"] == row["dimension"][0]
        several = ", ".join(row["dimension"])
        assert prompt.tags.get("dimensions", row["dimension"][0]) == several
    assert sum("auxiliary_info" in row for row in rows) == 506


def test_vbenchs_repeated_texts_get_ids_of_their_own() -> None:
    prompts = imported("vbench")
    twice = [text for text, n in Counter(p.text for p in prompts).items() if n > 1]
    assert len(twice) == 2
    for text in twice:
        first, second = (prompt.id for prompt in prompts if prompt.text == text)
        assert second == f"{first}-2"


def test_dpg_texts_carry_their_files_names() -> None:
    for prompt in imported("dpg"):
        file = published("dpg") / f"{prompt.id}.txt"
        assert prompt.text == file.read_text("utf-8").strip()


def test_humanevals_tests_pass_with_its_solutions_and_fail_without(tmp_path: Path) -> None:
    with gzip.open(published("humaneval"), "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    prompts = imported("humaneval")
    assert [prompt.id for prompt in prompts] == [f"HumanEval-{number}" for number in range(164)]
    programs = []
    for row, prompt in zip(rows, prompts, strict=True):
        code = prompt.checks["code"]
        assert isinstance(code, dict)
        assert code.keys() == {"tests", "entry_point", "prefix"}
        assert prompt.text == code["prefix"] == row["prompt"]
        assert prompt.target is None
        right = f"{code['prefix']}{row['canonical_solution']}\n{code['tests']}"
        wrong = f"{code['prefix']}    return None\n{code['tests']}"
        programs.append((right, wrong))
    (tmp_path / "programs.json").write_text(json.dumps(programs), "utf-8")
    counted = subprocess.run(
        [sys.executable, "-c", COUNT_PASSES, str(tmp_path / "programs.json")],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert json.loads(counted.stdout.splitlines()[-1]) == [164, 0]


COUNT_PASSES = """
import json, pathlib, sys

def passes(program):
    try:
        exec(program, {"__name__": "__main__"})
    except Exception:
        return False
    return True

programs = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
print(json.dumps([sum(passes(program) for program in column) for column in zip(*programs)]))
"""
