"""A few answers by which one knows a model at a glance: to prompts that leave the look to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalharness.board.outputs import GalleryOutput, outputs_to
from evalharness.board.selection import select
from evalharness.board.suite_prompts import leaving_the_look_open, suite_prompts

if TYPE_CHECKING:
    import duckdb

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's first ok output to a prompt."""

    model: str
    prompt_id: str
    text: str
    output: GalleryOutput


def typical_answers(
    connection: duckdb.DuckDBPyConnection,
    suite: str,
    models: Sequence[str],
    most: int = SHOWN,
) -> tuple[Answer, ...]:
    """Of each model (in order) up to `most` answers to the same prompts, spread over the suite.

    `suite` is a digest. Prompts that ask for no look come first, all where every one asks for
    some. Raises UnknownNameError for a model that is not there.
    """
    selection = select(connection, suite, models=models)
    prompts = suite_prompts(connection, selection)
    open_ones = leaving_the_look_open(prompts)
    step = max(1, len(open_ones) // most)
    chosen = [prompts[int(place)] for place in open_ones[::step][:most]]
    found = outputs_to(connection, selection, [one.id for one in chosen])
    answers = []
    for variant, model in enumerate(models):
        for prompt in chosen:
            outputs = found.get((prompt.id, variant), [])
            ok = next((one for one in outputs if one.status == "ok"), None)
            if ok is not None:
                answers.append(Answer(model, prompt.id, prompt.text, ok))
    return tuple(answers)
