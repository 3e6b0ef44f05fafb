"""`questions[instrument]`: a prompt's own yes/no questions, asked of the picture one by one.

Prompts carry them as `checks.questions`: `[{"id", "question", "parents": [ids]}, …]`, as DPG-Bench
and the Davidsonian scene graphs do. A question only means something where its parents hold ("is the
dog brown?" needs "is there a dog?"), so a question whose parent is answered no counts as no.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from evalharness.core.measures import About, MetricFacts, OutputMetric
from evalharness.core.nouns import Json, Prompt
from evalharness.core.tables import OutputTable
from evalharness.metrics.features import UnmeasurableError
from evalharness.metrics.vqa_score import refuse_no_probabilities

HOW_TO_ANSWER = "Please answer yes or no."
YES = 0.5
"""An answer is yes from this probability on."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a prompt's picture, and the ids of those it hangs on."""

    id: str
    text: str
    parents: tuple[str, ...]


def has_questions(prompt: Prompt) -> bool:
    """Whether a prompt brings questions; an empty list is none."""
    return bool(prompt.checks.get("questions"))


def questions_of(prompt: Prompt) -> tuple[Question, ...]:
    """A prompt's questions, parents before their children.

    Raises UnmeasurableError where they are not a list of {id, question, parents}, ids are doubled,
    a parent is unknown or questions hang on each other in a ring.
    """
    listed = prompt.checks.get("questions")
    if not isinstance(listed, list):
        raise _refusal(prompt, f"is {listed!r}", "a list of questions")
    found = [_question(prompt, item) for item in listed]
    by_id = {question.id: question for question in found}
    if len(by_id) < len(found):
        raise _refusal(prompt, "uses an id twice", "an id of its own for every question")
    for question in found:
        unknown = [parent for parent in question.parents if parent not in by_id]
        if unknown:
            raise _refusal(
                prompt, f"has {question.id!r} hang on {unknown[0]!r}", "parents among its ids"
            )
    try:
        order = tuple(TopologicalSorter({q.id: q.parents for q in found}).static_order())
    except CycleError as ring:
        raise _refusal(prompt, f"has a ring {ring.args[1]}", "parents before children") from ring
    return tuple(by_id[name] for name in order)


def asked_of(prompt: Prompt) -> tuple[str, ...]:
    """The texts to be put to the picture, in the order of `questions_of`.

    Nothing for questions that cannot be read: measuring then says why, of that prompt alone.
    """
    try:
        return tuple(f"{question.text} {HOW_TO_ANSWER}" for question in questions_of(prompt))
    except UnmeasurableError:
        return ()


def answered(
    questions: Sequence[Question], probabilities: Sequence[float], *, soft: bool
) -> dict[str, float]:
    """What each question counts, by id; `questions` have parents before their children.

    1 or 0 for yes (from 0.5 on) or no, or with `soft` its probability; 0 wherever a parent, or a
    parent's parent, is answered no.
    """
    counted: dict[str, float] = {}
    holds: dict[str, bool] = {}
    for question, probability in zip(questions, probabilities, strict=True):
        yes = probability >= YES
        founded = all(holds[parent] for parent in question.parents)
        holds[question.id] = founded and yes
        counted[question.id] = (probability if soft else float(yes)) if founded else 0.0
    return counted


def _question(prompt: Prompt, item: Json) -> Question:
    if not isinstance(item, Mapping):
        raise _refusal(prompt, f"holds {item!r}", "{id, question, parents}")
    name, text, parents = item.get("id"), item.get("question"), item.get("parents", [])
    if not isinstance(name, str | int) or not isinstance(text, str) or not text.strip():
        raise _refusal(prompt, f"holds {item!r}", "an id, and words to ask as `question`")
    if not isinstance(parents, list) or not all(isinstance(p, str | int) for p in parents):
        raise _refusal(prompt, f"holds {item!r}", "a list of ids as `parents`")
    return Question(str(name), text.strip(), tuple(str(parent) for parent in parents))


def _refusal(prompt: Prompt, found: str, expected: str) -> UnmeasurableError:
    return UnmeasurableError(
        f"Prompt {prompt.id!r}: checks.questions {found}; expected {expected}. Correct its file."
    )


def _shares(table: OutputTable, *, soft: bool) -> NDArray[np.float64]:
    seen = table.seen["pair"]
    numbers = seen.each_scalar()
    refuse_no_probabilities(numbers)
    bounds = seen.bounds(len(table))
    shares = np.full(len(table), np.nan)
    for i, prompt in enumerate(table.prompts):
        if has_questions(prompt):
            questions = questions_of(prompt)
            counted = answered(questions, numbers[bounds[i] : bounds[i + 1]].tolist(), soft=soft)
            shares[i] = sum(counted.values()) / len(counted)
    return shares


def _hard(table: OutputTable) -> NDArray[np.float64]:
    return _shares(table, soft=False)


def _soft(table: OutputTable) -> NDArray[np.float64]:
    return _shares(table, soft=True)


_SOURCE = "Hu et al. 2024 (DPG-Bench, arXiv:2403.05135); Cho et al. 2023 (DSG, arXiv:2310.18235)"
_ASKED = (
    f"every question of checks.questions is put to the picture, followed by “{HOW_TO_ANSWER}”, and "
    "P(yes) / (P(yes) + P(no)) taken from the model's first answer token"
)
_LIMITS = (
    "As good as the model that looks, and as the questions: what none of them asks for is not "
    "seen. Published DPG numbers come from mPLUG-large and from four pictures put in one grid, and "
    "move by several points with the model that answers: compare under one instrument only."
)


def _facts(name: str, title: str, measures: str, recipe: str) -> MetricFacts:
    return MetricFacts(
        name=name,
        version=1,
        title=title,
        unit="share",
        direction="higher",
        needs=frozenset({"pair"}),
        applies_to=frozenset({"picture"}),
        reads="probability",
        applies=has_questions,
        asks=asked_of,
        about=About(measures, "0…1", recipe, _SOURCE, _LIMITS),
    )


METRIC = OutputMetric(
    facts=_facts(
        "questions",
        "Questions answered yes",
        "The share of a prompt's questions that its picture answers with yes.",
        f"{_ASKED}; yes from {YES} on. A question one of whose parents is answered no counts 0, "
        "and so do those that hang on it; the score is the mean over the prompt's questions",
    ),
    measure=_hard,
)

SOFT = OutputMetric(
    facts=_facts(
        "questions.soft",
        "Questions, by probability",
        "How sure a vision-language model is, on average, that the picture fulfils each question.",
        f"{_ASKED}; the score is the mean of those probabilities, where a question one of whose "
        f"parents is answered no (below {YES}) counts 0, and so do those that hang on it",
    ),
    measure=_soft,
)
