"""HumanEval: functions to be completed, checked by running tests (arXiv 2107.03374)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evalharness.catalog.documents import describe
from evalharness.catalog.rows import Row, field_names, rows_as
from evalharness.core.formats import PromptFormat, PublishedPrompt


class _Row(Row):
    task_id: str
    prompt: str
    entry_point: str
    test: str


def read(path: Path) -> Iterator[PublishedPrompt]:
    """The prompts of `HumanEval.jsonl.gz`, or of another set in its shape.

    `checks.code` is {tests, entry_point, prefix}: the file's tests with the call that runs them,
    the function's name, and the prompt, which stands before a completion. The published solution
    is left out, so that no model is compared with its words. A slash in an id becomes a hyphen.
    """
    for document, row in rows_as(path, _Row):
        if not row.entry_point.isidentifier():
            found = describe(row.entry_point)
            raise document.problem(("entry_point",), found, "the name of a function")
        yield PublishedPrompt(
            document.where(()),
            row.prompt,
            id=row.task_id.replace("/", "-"),
            checks={
                "code": {
                    "tests": f"{row.test.rstrip()}\n\ncheck({row.entry_point})\n",
                    "entry_point": row.entry_point,
                    "prefix": row.prompt,
                }
            },
        )


FORMAT = PromptFormat(
    name="humaneval",
    title="HumanEval: Python functions to complete, with their tests",
    expects="HumanEval.jsonl.gz, packed or not",
    licence="MIT",
    source="https://github.com/openai/human-eval",
    read=read,
    fields=field_names(_Row),
    addresses={
        "HumanEval.jsonl.gz": "https://raw.githubusercontent.com/openai/human-eval/master/data/"
        "HumanEval.jsonl.gz"
    },
)
