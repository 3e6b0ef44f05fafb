"""Classification: `label.correct`, `label.outside`, and the set's `label.macro_f1`.

Prompts carry `checks.labels`, the closed set of labels; `target` is the right one. Models answer in
words or, if they are classifiers, with a likelihood for every label, of which the highest counts.
An answer that names none of the labels, or several, is outside: wrong for its own label, a false
alarm of none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evalharness.core.contracts import Kind
from evalharness.core.measures import About, Direction, MetricFacts, OutputMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import OutputTable, PromptValues, SetTable
from evalharness.metrics.pooled import Counts, metric_by_prompt, pooled
from evalharness.metrics.text.answers import offered, offers, readable
from evalharness.metrics.text.readings import read_name

FloatArray = NDArray[np.float64]
_ANSWERS: Final[frozenset[Kind]] = frozenset({"text", "likelihoods"})


def has_labels(prompt: Prompt) -> bool:
    """Whether a prompt names the labels there are, and the right one."""
    return offers(prompt, "labels")


def _named(table: OutputTable) -> Iterator[tuple[Prompt, str | None]]:
    """Each prompt with the words that name a label; None for outputs without an answer."""
    likely = table.likelihoods or repeat(None)
    for prompt, text, found in zip(table.prompts, table.texts, likely, strict=False):
        if found is not None and found.of:
            yield prompt, max(found.of, key=lambda one: one.log).text
        else:
            yield prompt, None if text is None else readable(text)


def _each(judge: Callable[[int | None, int], bool]) -> Callable[[OutputTable], FloatArray]:
    """A measure (n,) of the place of the label read (None outside) and that of the right one."""

    def measure(table: OutputTable) -> FloatArray:
        scores = np.full(len(table), np.nan)
        for i, (prompt, answer) in enumerate(_named(table)):
            if answer is not None:
                labels, right = offered(prompt, "labels")
                scores[i] = judge(read_name(answer, labels), right)
        return scores

    return measure


def macro_f1(counts: Counts) -> float:
    """The mean over labels of 2·tp / (2·tp + fp + fn); `counts` are (tp, fp, fn) per label.

    Labels that are nobody's target and that nobody was given are left out, as in torchmetrics.
    """
    tp, fp, fn = counts.reshape(-1, 3).T
    weight = 2.0 * tp + fp + fn
    seen = weight > 0.0
    return float((2.0 * tp[seen] / weight[seen]).mean()) if seen.any() else 0.0


def confusion_counts(table: SetTable) -> Counts:
    """(n, 3·labels): the true and false alarm and the miss that each output adds to each label."""
    places: dict[str, int] = {}
    found: list[tuple[int, int | None]] = []
    for prompt, answer in _named(table.outputs):
        labels, right = offered(prompt, "labels")
        place = [places.setdefault(label, len(places)) for label in labels]
        read = None if answer is None else read_name(answer, labels)
        found.append((place[right], None if read is None else place[read]))
    counts = np.zeros((len(found), 3 * len(places)))
    for row, (right, read) in zip(counts, found, strict=True):
        if read == right:
            row[3 * right] = 1.0
            continue
        row[3 * right + 2] = 1.0
        if read is not None:
            row[3 * read + 1] = 1.0
    return counts


def _macro(table: SetTable) -> PromptValues:
    return pooled(confusion_counts(table), table.clusters, macro_f1)


_READ = (
    "the label is what the answer is, what follows the last “label:” or “answer is”, or the only "
    "label whose words stand in it, case, width and punctuation aside; of a classifier's answer "
    "the likeliest"
)
_LIMITS = "An answer that weighs several labels without a last word on it counts as outside."


def _facts(
    name: str, title: str, about: About, direction: Direction = "higher", version: int = 1
) -> MetricFacts:
    return MetricFacts(
        name=name,
        version=version,
        title=title,
        unit="share",
        direction=direction,
        needs=frozenset(),
        applies_to=_ANSWERS,
        applies=has_labels,
        about=about,
    )


CORRECT = OutputMetric(
    _facts(
        "label.correct",
        "Right label",
        About(
            measures="Whether an answer names the right one of a closed set of labels.",
            range="0 or 1; the mean is the accuracy",
            recipe=f"1 where the label read is the target; {_READ}; outside the labels counts as "
            "wrong",
            source="the usual definition",
            limits=f"{_LIMITS} Flattered by frequent labels: read it beside label.macro_f1.",
        ),
    ),
    _each(lambda read, right: read == right),
)

OUTSIDE = OutputMetric(
    _facts(
        "label.outside",
        "Outside the labels",
        About(
            measures="How often an answer names none of the labels, or several.",
            range="0 or 1; always 0 for classifiers",
            recipe=f"1 where no single label is read; {_READ}",
            source="this project",
            limits=_LIMITS,
        ),
        direction="lower",
    ),
    _each(lambda read, _right: read is None),
)

MACRO_F1 = metric_by_prompt(
    _facts(
        "label.macro_f1",
        "Macro F1",
        About(
            measures="How well labels are found and not confused, rare ones counting as much as "
            "frequent ones.",
            range="0…1",
            recipe="mean over labels of the F1 of the pooled counts; labels that are nobody's "
            "target and were never named are left out; an answer outside the labels is a miss of "
            f"its own and a false alarm of none; {_READ}; 95 % interval over prompts, Wilson's "
            "with the jackknife's error",
            source="the usual definition, as torchmetrics and scikit-learn give it",
            limits=f"Unsteady where a label has few prompts. {_LIMITS}",
        ),
        version=2,
    ),
    _macro,
    "in 0…1",
)
