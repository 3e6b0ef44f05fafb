import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from evalharness.catalog.importing import import_prompts
from evalharness.catalog.registry import prompt_format
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Instrument, Prompt
from evalharness.core.outcomes import Exchange, FeatureValue, Text
from evalharness.extractors.code import ENTRY
from evalharness.extractors.code.instrument import CodeExtractor
from evalharness.extractors.subjects import UnreadableSubjectError
from evalharness.metrics.code_passed import asked_of

PYTHON = Instrument("python", "code")
HUMANEVAL = Path(__file__).parents[3] / "shared" / "data" / "humaneval" / "HumanEval.jsonl.gz"
ADD = Prompt(
    "add",
    "Write add(a, b).",
    checks={"code": {"tests": "assert add(1, 2) == 3", "entry_point": "add"}},
)


@pytest.fixture(scope="module")
def extractor() -> Iterator[CodeExtractor]:
    with CodeExtractor(PYTHON, ENTRY.resolve(PYTHON)) as opened:
        yield opened


def look(extractor: CodeExtractor, answer: str, prompt: Prompt = ADD) -> FeatureValue:
    return extractor.extract([Exchange(answer, *asked_of(prompt))])[0]


def test_programs_in_answers_are_run_with_their_tests(extractor: CodeExtractor) -> None:
    answers = [
        "```python\ndef add(a, b):\n    return a + b\n```\nDone.",
        "def add(a, b): return a - b",
        "I would rather not.",
        "import sys\ndef add(a, b): sys.exit(0)",
        "def add(a, b): return a + b  # \udcff",
    ]
    values = extractor.extract([Exchange(answer, *asked_of(ADD)) for answer in answers])
    assert [value.scalar for value in values] == [1.0, 0.0, 0.0, 0.0, 0.0]
    details = [value.detail for value in values]
    assert [d["status"] for d in details if isinstance(d, dict)] == [
        "passed",
        "failed",
        "failed",
        "exited",
        "failed",
    ]
    detail = details[1]
    assert isinstance(detail, dict)
    assert detail["message"] == "AssertionError (tests.py, line 1: assert add(1, 2) == 3)"
    assert json.dumps(details)


def test_what_is_no_exchange_or_asks_nothing_is_refused(extractor: CodeExtractor) -> None:
    with pytest.raises(UnreadableSubjectError, match="Text"):
        extractor.extract([Text("def add(a, b): return a + b")])
    for asked in ("", "[]", "{}", '{"tests": "", "entry_point": ""}'):
        with pytest.raises(UnreadableSubjectError, match="JSON of tests"):
            extractor.extract([Exchange("", asked)])


def test_the_python_that_runs_programs_is_part_of_the_key() -> None:
    import sys

    assert ENTRY.resolve(PYTHON).revision == f"python-{sys.version_info[0]}.{sys.version_info[1]}"
    with pytest.raises(BadInputError, match="Write `python`"):
        ENTRY.resolve(Instrument("code:x", "code", source="x"))


@pytest.mark.slow
@pytest.mark.skipif(not HUMANEVAL.exists(), reason="the published HumanEval is not beside us")
def test_every_published_solution_of_humaneval_passes_and_none_of_its_spoilt_ones(
    extractor: CodeExtractor,
) -> None:
    lines = gzip.decompress(HUMANEVAL.read_bytes()).splitlines()
    rows = {row["task_id"].replace("/", "-"): row for row in map(json.loads, lines)}
    prompts = import_prompts(prompt_format("humaneval"), HUMANEVAL)
    assert len(rows) == len(prompts) == 164

    def failed(form: str) -> dict[str, object]:
        answers = {
            name: form.replace("PROMPT", row["prompt"]).replace("BODY", row["canonical_solution"])
            for name, row in rows.items()
        }
        return _failed(extractor, prompts, answers)

    assert failed("BODY") == {}
    assert failed("BODY\n\ndef other():\n    pass\n\n\nnothing_known(1)\n") == {}
    assert failed("Here it is:\n```python\nPROMPTBODY```\nIt works.") == {}
    stripped = {name: row["canonical_solution"].strip() for name, row in rows.items()}
    assert _failed(extractor, prompts, stripped) == {}

    assert len(failed("    pass")) == 164
    assert len(failed("    raise ValueError\nBODY")) == 164
    assert len(failed("    import os\n    os._exit(0)\nBODY")) == 164
    spoilt = {
        name: row["canonical_solution"].replace("return", "return 'spoilt', ")
        for name, row in rows.items()
    }
    assert len(_failed(extractor, prompts, spoilt)) == 164


def _failed(
    extractor: CodeExtractor, prompts: Sequence[Prompt], answers: Mapping[str, str]
) -> dict[str, object]:
    """What was seen of the answers that did not pass, by the prompt's id."""
    values = extractor.extract([Exchange(answers[p.id], *asked_of(p)) for p in prompts])
    return {p.id: v.detail for p, v in zip(prompts, values, strict=True) if v.scalar != 1.0}
