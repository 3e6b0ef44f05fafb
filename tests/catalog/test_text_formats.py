"""HumanEval's and IFEval's shapes, in files written here."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from evalharness.catalog import registry
from evalharness.catalog.importing import import_prompts
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Prompt

Write = Callable[[str, str | bytes], Path]

HUMANEVAL = {
    "task_id": "Mine/0",
    "prompt": 'def half(n):\n    """Half of an even number."""\n',
    "entry_point": "half",
    "canonical_solution": "    return n // 2\n",
    "test": "def check(candidate):\n    assert candidate(4) == 2\n\n",
}
IFEVAL = {
    "key": 7,
    "prompt": "Describe a kettle in at least 20 words. Do not use commas.",
    "instruction_id_list": ["length_constraints:number_words", "punctuation:no_comma"],
    "kwargs": [{"relation": "at least", "num_words": 20}, {}],
}


def imported(name: str, path: Path) -> tuple[Prompt, ...]:
    return import_prompts(registry.prompt_format(name), path)


def error_of(name: str, path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        imported(name, path)
    return str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
def test_humaneval_tests_end_with_their_call(write: Write, packed: bool) -> None:
    line = json.dumps(HUMANEVAL).encode()
    path = write("h.jsonl.gz", gzip.compress(line, mtime=0)) if packed else write("h.jsonl", line)
    assert imported("humaneval", path) == (
        Prompt(
            id="Mine-0",
            text=str(HUMANEVAL["prompt"]),
            checks={
                "code": {
                    "tests": "def check(candidate):\n    assert candidate(4) == 2\n\ncheck(half)\n",
                    "entry_point": "half",
                    "prefix": HUMANEVAL["prompt"],
                }
            },
        ),
    )


def test_an_entry_point_is_a_name_and_nothing_that_runs(write: Write) -> None:
    row = {**HUMANEVAL, "entry_point": "half); import os; (half"}
    message = error_of("humaneval", write("h.jsonl", json.dumps(row)))
    assert "line 1, field entry_point" in message
    assert "expected the name of a function" in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"no gzip", "h.jsonl.gz is no whole gzip file"),
        (gzip.compress(b'{"a": 1}' * 1000, mtime=0)[:40], "h.jsonl.gz is no whole gzip file"),
        (gzip.compress(b"\xff", mtime=0), "line 1: found the byte 0xff"),
        (gzip.compress(b" " * 64_000_001, mtime=0), "unpacks to more than 64,000,000 bytes"),
    ],
)
def test_packed_files_that_are_none(write: Write, content: bytes, told: str) -> None:
    assert told in error_of("humaneval", write("h.jsonl.gz", content))


def test_ifeval_arguments_stand_beside_their_instruction(write: Write) -> None:
    assert imported("ifeval", write("input_data.jsonl", json.dumps(IFEVAL))) == (
        Prompt(
            id="7",
            text=str(IFEVAL["prompt"]),
            checks={
                "instructions": [
                    {
                        "id": "length_constraints:number_words",
                        "relation": "at least",
                        "num_words": 20,
                    },
                    {"id": "punctuation:no_comma"},
                ]
            },
            tags={
                "instructions": "2",
                "tests.length_constraints": "yes",
                "tests.punctuation": "yes",
            },
        ),
    )


def test_ifevals_parquet_copies_are_full_of_nulls_and_fractions(tmp_path: Path) -> None:
    kwargs = [
        {"relation": "at least", "num_words": 20.0, "forbidden_words": None},
        {"relation": None, "num_words": None, "forbidden_words": None},
    ]
    table = pa.table({name: [value] for name, value in {**IFEVAL, "kwargs": kwargs}.items()})
    parquet.write_table(table, tmp_path / "train.parquet")
    (tmp_path / "input_data.jsonl").write_text(json.dumps(IFEVAL))
    assert imported("ifeval", tmp_path / "train.parquet") == imported(
        "ifeval", tmp_path / "input_data.jsonl"
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kwargs": [{}]}, "as many kwargs as instructions"),
        ({"kwargs": [{"id": 3}, {}]}, "kwargs without an argument called id"),
        ({"instruction_id_list": [], "kwargs": []}, "field instruction_id_list"),
        ({"kwargs": "none"}, "field kwargs"),
    ],
)
def test_ifeval_rows_that_cannot_be_checked(
    write: Write, change: dict[str, object], told: str
) -> None:
    message = error_of("ifeval", write("i.jsonl", json.dumps({**IFEVAL, **change})))
    assert "i.jsonl, line 1" in message
    assert told in message


@pytest.mark.parametrize(("row", "name"), [(HUMANEVAL, "humaneval"), (IFEVAL, "ifeval")])
def test_a_file_given_to_another_format_is_recognised(
    write: Write, row: dict[str, object], name: str
) -> None:
    assert f"looks like the format {name}" in error_of("geneval", write("x.jsonl", json.dumps(row)))
