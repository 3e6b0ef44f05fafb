"""A declarative lm-evaluation-harness task: its YAML file, checked, and where its rows are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue

from evalharness.catalog.datasets import PREFIX, dataset_path
from evalharness.catalog.documents import Document, describe
from evalharness.catalog.forms import Form, Words
from evalharness.catalog.names import is_local
from evalharness.catalog.rows import read_rows
from evalharness.catalog.yaml_files import read_yaml
from evalharness.core.errors import BadInputError

_WITHOUT_CODE = (
    "a task without code of its own: write the template in Jinja2 in its place, or run the "
    "function yourself and import the rows it makes with the format questions or table"
)
_REFUSED = {
    "include": "one file: copy the fields of the included file into this one",
    "process_docs": _WITHOUT_CODE,
    "process_results": _WITHOUT_CODE,
    "custom_dataset": _WITHOUT_CODE,
    "class": _WITHOUT_CODE,
    "use_prompt": "doc_to_text and doc_to_target: write out what promptsource would make",
    "gen_prefix": "it at the end of doc_to_text",
    "doc_to_image": "a task about text alone; the format vlmevalkit reads pictures",
    "doc_to_audio": "a task about text alone",
}
_FILES = ("json", "csv", "parquet")

OneOrMore = Annotated[
    list[Words], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)
]


class Dataset(Form):
    """`dataset_kwargs`: local files, for all splits or for each. Remote code is never run."""

    data_files: OneOrMore | dict[str, OneOrMore] = Field(default_factory=list)
    trust_remote_code: bool = False


class Task(Form):
    """The fields that say what is asked; those on scoring and on few-shot examples are not read.

    A suite names its metrics itself, so that `metric_list`, `filter_list`, `repeats` and the like
    have no meaning here.
    """

    model_config = ConfigDict(extra="ignore")

    task: Words
    dataset_path: Words
    dataset_name: Words | None = None
    dataset_kwargs: Dataset = Field(default_factory=Dataset)
    training_split: Words | None = None
    validation_split: Words | None = None
    test_split: Words | None = None
    output_type: Literal["generate_until", "loglikelihood", "multiple_choice"] = "generate_until"
    doc_to_text: str
    doc_to_target: str | int | list[str]
    doc_to_choice: str | list[str] | dict[str, str] | None = None
    target_delimiter: str = " "
    description: str = ""
    num_fewshot: int | None = None
    generation_kwargs: dict[str, JsonValue] = Field(default_factory=dict)


def read_task(path: Path) -> tuple[Document, Task]:
    """A task's file; raises BadInputError for what only code could read or few-shot examples."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise BadInputError(f"{path}: found {path.suffix!a}; expected the .yaml file of a task.")
    document = read_yaml(path, instead_of_tags=_WITHOUT_CODE)
    data = document.data if isinstance(document.data, dict) else {}
    for name, expected in _REFUSED.items():
        if data.get(name) is not None:
            raise document.problem((name,), describe(data[name]), expected)
    if isinstance(data.get("task"), list):
        found = "a group of tasks"
        raise document.problem(("task",), found, "one task: import the file of each by itself")
    if data.get("output_type") == "loglikelihood_rolling":
        raise document.problem(
            ("output_type",),
            "'loglikelihood_rolling', which asks for no text before the likelihood",
            "loglikelihood with the first words as doc_to_text and the others as doc_to_target",
        )
    task = document.read_as(Task)
    if task.num_fewshot:
        raise document.problem(
            ("num_fewshot",),
            str(task.num_fewshot),
            "0: examples are drawn by that harness alone. Write examples of your own into "
            "description, or set it to 0",
        )
    if task.output_type == "multiple_choice" and task.doc_to_choice is None:
        raise document.problem(("doc_to_choice",), "nothing", "the choices to be compared")
    return document, task


def rows_of(document: Document, task: Task, folder: Path) -> Iterator[Document]:
    """The rows of the split that is evaluated: test, else validation, else training."""
    split = task.test_split or task.validation_split or task.training_split
    if split is None:
        raise document.problem((), "no split", "test_split, validation_split or training_split")
    if task.dataset_path in _FILES:
        for file in _data_files(document, task, split):
            yield from read_rows(folder / file)
    elif is_local(task.dataset_path):
        yield from read_rows(folder / Path(task.dataset_path).expanduser())
    else:
        yield from read_rows(_hub_split(document, task, split))


def _data_files(document: Document, task: Task, split: str) -> list[str]:
    place = ("dataset_kwargs", "data_files")
    files = task.dataset_kwargs.data_files
    if isinstance(files, dict):
        if split not in files:
            raise document.problem(place, describe([*files]), f"also files for the split {split!a}")
        files = files[split]
    if not files:
        raise document.problem(place, "nothing", "the files to be read, beside the task's file")
    for file in files:
        if "://" in file or "*" in file:
            expected = "a file on this machine (fetch it first), without patterns"
            raise document.problem(place, describe(file), expected)
    return files


def _hub_split(document: Document, task: Task, split: str) -> Path:
    inner = f"{task.dataset_name}/{split}" if task.dataset_name else split
    try:
        return dataset_path(f"{PREFIX}{task.dataset_path}:{inner}")
    except BadInputError as error:
        raise BadInputError(f"{document.where(('dataset_path',))}: {error}") from None
