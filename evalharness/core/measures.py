"""The door for metrics: what each declares, and the function that gives its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from evalharness.core.contracts import Kind, Sight
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable, PromptValues, SetTable, SetValue, Subject

if TYPE_CHECKING:
    from evalharness.core.tables import FloatArray

Direction: TypeAlias = Literal["higher", "lower"]
Counts: TypeAlias = Literal["ok", "finished"]


def every_prompt(_prompt: Prompt) -> bool:
    """A metric with something to say about the answer to any prompt."""
    return True


def own_text(prompt: Prompt) -> tuple[str, ...]:
    """What a prompt means: its `checks.meaning` where that is given (the prompt being a
    translation of it, or misspelt), else its text.
    """
    meaning = prompt.checks.get("meaning")
    return (meaning if isinstance(meaning, str) else prompt.text,)


@dataclass(frozen=True, slots=True)
class About:
    """What people read of a metric before they believe it; all of it stands in the reports.

    `measures` in a sentence, `range` of its values, `recipe` as it is computed here, `source` of
    the formula (paper or repository), `limits`: what it is blind to or misjudges.
    """

    measures: str
    range: str
    recipe: str
    source: str
    limits: str


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """What every metric declares. `direction` has no default on purpose.

    `needs` are the subjects whose features are read, `reads` what of them; they decide whether
    an instrument is named (`clip_score[tiny-clip]`) and which fit. `applies_to` says which kinds
    of answers can be scored, `applies` which prompts' answers, and `asks` gives the texts whose
    features (`prompt`), or whose features together with the output (`pair`), are read.
    `counts` is "finished" for metrics on statuses: refusals are rows of their table too.
    `priced` metrics follow the model's price, which may change when the outputs do not.
    `signature` is what a library calls its way of computing it (sacrebleu), its version in it.
    """

    name: str
    version: int
    title: str
    unit: str
    direction: Direction
    needs: frozenset[Subject]
    applies_to: frozenset[Kind]
    about: About
    default_instrument: str | None = None
    reads: Sight = "vector"
    counts: Counts = "ok"
    applies: Callable[[Prompt], bool] = every_prompt
    asks: Callable[[Prompt], tuple[str, ...]] = own_text
    experimental: bool = False
    priced: bool = False
    signature: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class OutputMetric:
    """A number per output. `measure` returns float64 (n,); NaN where it does not apply."""

    facts: MetricFacts
    measure: Callable[[OutputTable], FloatArray]


@dataclass(frozen=True, slots=True)
class SetMetric:
    """A number per set. `minimum_n(d)` is the n below which no number is shown.

    `by_prompt` gives the same number prompt by prompt, where that is known: then two sets can be
    compared on their common prompts, with an interval; and where `any_size` holds, so can sets of
    different sizes: their numbers have no bias to speak of beside their error.
    """

    facts: MetricFacts
    measure: Callable[[SetTable], SetValue]
    minimum_n: Callable[[int], int]
    by_prompt: Callable[[SetTable], PromptValues] | None = None
    any_size: bool = False


Metric: TypeAlias = OutputMetric | SetMetric
