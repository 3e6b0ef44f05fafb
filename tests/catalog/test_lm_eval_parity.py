"""What lm-evaluation-harness itself asks for the same tasks: text, continuations and targets.

`lm_eval_requests.json` was made by its release named there, from the same YAML and rows.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from evalharness.catalog.importing import import_prompts
from evalharness.catalog.prompt_formats import lm_eval
from evalharness.core.nouns import Prompt

THEIRS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "lm_eval_requests.json").read_text("utf-8")
)


@pytest.mark.parametrize("task", THEIRS["tasks"], ids=lambda task: task["yaml"].split()[1])
def test_prompts_are_what_that_harness_asks(tmp_path: Path, task: dict[str, Any]) -> None:
    rows = "".join(json.dumps(row) + "\n" for row in THEIRS["rows"])
    (tmp_path / "rows.jsonl").write_text(rows, "utf-8")
    (tmp_path / "task.yaml").write_text(task["yaml"], "utf-8")
    prompts = import_prompts(lm_eval.FORMAT, tmp_path / "task.yaml")
    assert len(prompts) == len(task["requests"]) == 2
    for prompt, theirs in zip(prompts, task["requests"], strict=True):
        assert prompt.text == theirs["context"]
        if prompt.continuations:
            assert list(prompt.continuations) == theirs["asked"]
            assert prompt.target == right_continuation(theirs)
        else:
            assert accepted(prompt) == listed(theirs["target"])


def right_continuation(theirs: dict[str, Any]) -> str:
    """The continuation that the target, an index, a choice or itself the text, means."""
    target, choices = theirs["target"], theirs["choices"]
    if choices is None:
        return str(target)
    place = target if isinstance(target, int) else choices.index(target)
    return str(theirs["asked"][place])


def accepted(prompt: Prompt) -> list[Any]:
    more = prompt.checks.get("targets", [])
    assert isinstance(more, list)
    return [prompt.target, *more]


def listed(target: Any) -> list[Any]:
    return target if isinstance(target, list) else [target]
