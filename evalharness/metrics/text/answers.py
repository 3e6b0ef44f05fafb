"""What metrics of text answers share: what a prompt accepts, and a metric made of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from evalharness.core.contracts import Kind
from evalharness.core.measures import About, Direction, MetricFacts, OutputMetric, every_prompt
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable
from evalharness.metrics.features import UnmeasurableError

Judge: TypeAlias = Callable[[Prompt, str], float]
"""The score of one answer; NaN where there is nothing to say."""

TEXT: Final[frozenset[Kind]] = frozenset({"text"})


def readable(text: str) -> str:
    """`text` with lone surrogates (no characters, so no encoding has them) as U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def expects(prompt: Prompt) -> bool:
    """Whether a prompt says what the right answer is."""
    return prompt.target is not None or bool(prompt.checks.get("targets"))


def expects_words(prompt: Prompt) -> bool:
    """Whether the answer is to be the expected text itself.

    A letter for one of the choices, a label in a sentence, JSON and programs are read otherwise.
    """
    read_otherwise = {"choices", "labels", "json_schema", "code"}
    return expects(prompt) and not read_otherwise & prompt.checks.keys()


def accepted(prompt: Prompt) -> tuple[str, ...]:
    """Every accepted answer (or reference): the target first, then `checks.targets`.

    Raises UnmeasurableError where `checks.targets` is no list of texts, or nothing is accepted.
    """
    more = texts_of(prompt, "targets") if "targets" in prompt.checks else ()
    found = (*(() if prompt.target is None else (readable(prompt.target),)), *more)
    if not found:
        raise wrong_check(prompt, "targets", "a target, or a list of texts")
    return found


def texts_of(prompt: Prompt, check: str) -> tuple[str, ...]:
    """A check that is a list of texts; raises UnmeasurableError where it is not."""
    listed = prompt.checks.get(check)
    if not isinstance(listed, list):
        raise wrong_check(prompt, check, "a list of texts")
    texts = [readable(item) for item in listed if isinstance(item, str)]
    if len(texts) < len(listed):
        raise wrong_check(prompt, check, "a list of texts")
    return tuple(texts)


def wrong_check(prompt: Prompt, check: str, expected: str) -> UnmeasurableError:
    """The error for a check that cannot be read."""
    found = repr(prompt.checks.get(check))
    shown = found if len(found) <= 80 else f"{found[:77]}…"
    return UnmeasurableError(
        f"Prompt {prompt.id!r}: checks.{check} is {shown}; expected {expected}. Correct its file."
    )


def offers(prompt: Prompt, check: str) -> bool:
    """Whether a prompt offers texts in a check and says by its target which is right."""
    return bool(prompt.checks.get(check)) and prompt.target is not None


def offered(prompt: Prompt, check: str) -> tuple[tuple[str, ...], int]:
    """The texts that a check offers and the place of the right one; raises UnmeasurableError."""
    texts = texts_of(prompt, check)
    target = readable(prompt.target or "")
    if texts.count(target) != 1:
        raise wrong_check(prompt, check, f"a list of texts that has the target {target!r} once")
    return texts, texts.index(target)


def each_answer(judge: Judge) -> Callable[[OutputTable], NDArray[np.float64]]:
    """A measure (n,) that gives every text answer's score; NaN for outputs without text."""

    def measure(table: OutputTable) -> NDArray[np.float64]:
        scores = np.full(len(table), np.nan)
        for i, (prompt, answer) in enumerate(zip(table.prompts, table.texts, strict=True)):
            if answer is not None:
                scores[i] = judge(prompt, readable(answer))
        return scores

    return measure


def text_metric(
    name: str,
    title: str,
    judge: Judge,
    about: About,
    *,
    applies: Callable[[Prompt], bool] = every_prompt,
    unit: str = "share",
    direction: Direction = "higher",
    signature: Callable[[], str] | None = None,
    version: int = 1,
) -> OutputMetric:
    """A metric that reads one answer at a time, and no features."""
    return OutputMetric(
        facts=MetricFacts(
            name=name,
            version=version,
            title=title,
            unit=unit,
            direction=direction,
            needs=frozenset(),
            applies_to=TEXT,
            applies=applies,
            about=about,
            signature=signature,
        ),
        measure=each_answer(judge),
    )
