"""Declarative tasks of lm-evaluation-harness: YAML, Jinja2 templates, rows of a dataset."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evalharness.catalog.documents import Document, describe
from evalharness.catalog.lm_eval_task import Task, read_task, rows_of
from evalharness.catalog.templates import compiled
from evalharness.core.errors import BadInputError
from evalharness.core.formats import PromptFormat, PublishedPrompt
from evalharness.core.nouns import Json

_TEMPLATES = ("description", "doc_to_text", "doc_to_target", "doc_to_choice")


def read(path: Path) -> Iterator[PublishedPrompt]:
    """One prompt for each row of the split that the task evaluates.

    `generate_until` gives text, target, further targets, and `checks.generation` with the file's
    generation_kwargs (stops, longest answer), which are for a suite's settings. `multiple_choice`
    gives continuations as that harness scores them (target_delimiter before each choice) with the
    right one as target, `loglikelihood` a single continuation. Files are looked for from the
    task's folder. Metrics, filters and few-shot settings are not read.
    """
    document, task = read_task(path)
    templates = {
        name: _parsed(document, name, written)
        for name in _TEMPLATES
        if isinstance(written := getattr(task, name), str)
    }
    for row in rows_of(document, task, path.parent):
        if not isinstance(row.data, dict):
            raise row.problem((), describe(row.data), "a row with fields")
        yield _Filling(document, task, templates, row, row.data).prompt()


def _parsed(document: Document, name: str, written: str) -> Callable[[Mapping[str, Json]], str]:
    try:
        return compiled(written)
    except ValueError as error:
        raise BadInputError(f"{document.where((name,))}: this is no template: {error}.") from None


@dataclass(frozen=True, slots=True)
class _Filling:
    """A task filled in with one row."""

    document: Document
    task: Task
    templates: Mapping[str, Callable[[Mapping[str, Json]], str]]
    row: Document
    fields: Mapping[str, Json]

    def prompt(self) -> PublishedPrompt:
        """The prompt; raises BadInputError naming the task's field and the row."""
        text = self._value("doc_to_text")
        if not isinstance(text, str):
            raise self._problem(
                "doc_to_text",
                describe(text),
                "text (choices that stand in the question itself need code)",
            )
        description = self._value("description") if self.task.description else ""
        target, targets, continuations = self._asked()
        checks: dict[str, Json] = {"targets": targets} if targets else {}
        if self.task.output_type == "generate_until" and self.task.generation_kwargs:
            checks["generation"] = dict(self.task.generation_kwargs)
        return PublishedPrompt(
            self.row.where(()),
            f"{description}{text}",
            target=target,
            checks=checks,
            tags={"task": self.task.task},
            continuations=tuple(continuations),
        )

    def _asked(self) -> tuple[str, list[Json], list[str]]:
        """Target, further targets, continuations."""
        if self.task.output_type == "multiple_choice":
            choices = self._choices()
            target = f"{self.task.target_delimiter}{choices[self._gold(choices)]}"
            return target, [], [f"{self.task.target_delimiter}{each}" for each in choices]
        given = self._value("doc_to_target")
        accepted = [str(each) for each in (given if isinstance(given, list) else [given])]
        if not accepted or given is None or not all(each.strip() for each in accepted):
            raise self._problem("doc_to_target", describe(given), "the expected answer")
        if self.task.output_type == "loglikelihood":
            if len(accepted) > 1:
                raise self._problem("doc_to_target", describe(given), "one continuation")
            return accepted[0], [], accepted
        first, *others = accepted
        return first, [*others], []

    def _choices(self) -> list[str]:
        given = self.task.doc_to_choice
        found: Json
        if isinstance(given, str):
            found = self._value("doc_to_choice")
        else:
            found = [*(given.values() if isinstance(given, dict) else given or [])]
        choices = [str(each) for each in found] if isinstance(found, list) else []
        if len(set(choices)) < max(2, len(choices)):
            raise self._problem("doc_to_choice", describe(found), "a list of different choices")
        return choices

    def _gold(self, choices: list[str]) -> int:
        """The position of the right choice, which is given by index or text."""
        given = self._value("doc_to_target")
        if isinstance(given, list) and len(given) == 1:
            given = given[0]
        if isinstance(given, str) and given in choices:
            return choices.index(given)
        if isinstance(given, str) and given.strip().isdecimal():
            given = int(given)
        if not isinstance(given, int) or not 0 <= given < len(choices):
            expected = f"an index from 0 to {len(choices) - 1} or one of the choices"
            raise self._problem("doc_to_target", describe(given), expected)
        return int(given)

    def _value(self, name: str) -> Json:
        """A column of the name that the task gives, else its template filled in.

        What a template for targets or choices makes may be a list written as Python writes it.
        """
        written = getattr(self.task, name)
        if not isinstance(written, str):
            return written  # type: ignore[no-any-return]
        if written in self.fields:
            return self.fields[written]
        try:
            text = self.templates[name](self.fields)
        except ValueError as error:
            raise self._problem(name, f"a template that fails: {error}", "one that fits") from None
        return _listed(text) if name in ("doc_to_target", "doc_to_choice") else text

    def _problem(self, name: str, found: str, expected: str) -> BadInputError:
        return BadInputError(
            f"{self.document.where((name,))}, for {self.row.where(())}: found {found}; "
            f"expected {expected}."
        )


def _listed(text: str) -> Json:
    if text.startswith("[") and text.endswith("]"):
        try:
            return [str(each) for each in ast.literal_eval(text)]
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return text
    return text


FORMAT = PromptFormat(
    name="lm-eval",
    title="a declarative task of lm-evaluation-harness with its dataset",
    expects="the .yaml file of one task, its rows in local files or on the Hub",
    licence="",
    source="",
    read=read,
)
