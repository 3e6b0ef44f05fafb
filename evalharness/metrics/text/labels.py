"""Classification in words: `label.correct`, `label.outside`, and the set's `label.macro_f1`.

Prompts carry `checks.labels`, the closed set of labels; `target` is the right one. An answer that
names none of them, or several, is outside: wrong for its own label, a false alarm of none.
"""

from __future__ import annotations

import numpy as np

from evalharness.core.measures import About, MetricFacts, SetMetric
from evalharness.core.nouns import Prompt
from evalharness.core.tables import SetTable, SetValue
from evalharness.metrics.pooled import Counts, pooled
from evalharness.metrics.text.answers import TEXT, offered, offers, readable, text_metric
from evalharness.metrics.text.readings import read_name


def has_labels(prompt: Prompt) -> bool:
    """Whether a prompt names the labels there are, and the right one."""
    return offers(prompt, "labels")


def _correct(prompt: Prompt, answer: str) -> float:
    labels, right = offered(prompt, "labels")
    return float(read_name(answer, labels) == right)


def _outside(prompt: Prompt, answer: str) -> float:
    return float(read_name(answer, offered(prompt, "labels")[0]) is None)


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
    for prompt, answer in zip(table.outputs.prompts, table.outputs.texts, strict=True):
        labels, right = offered(prompt, "labels")
        place = [places.setdefault(label, len(places)) for label in labels]
        read = None if answer is None else read_name(readable(answer), labels)
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


def _macro(table: SetTable) -> SetValue:
    return pooled(confusion_counts(table), table.clusters, macro_f1)


_READ = (
    "the label is what the answer is, what follows the last “label:” or “answer is”, or the only "
    "label whose words stand in it; case, width and punctuation aside"
)
_LIMITS = "An answer that weighs several labels without a last word on it counts as outside."

CORRECT = text_metric(
    "label.correct",
    "Right label",
    _correct,
    About(
        measures="Whether a written answer names the right one of a closed set of labels.",
        range="0 or 1; the mean is the accuracy",
        recipe=f"1 where the label read is the target; {_READ}; outside the labels counts as wrong",
        source="the usual definition",
        limits=f"{_LIMITS} Flattered by frequent labels: read it beside label.macro_f1.",
    ),
    applies=has_labels,
)

OUTSIDE = text_metric(
    "label.outside",
    "Outside the labels",
    _outside,
    About(
        measures="How often an answer names none of the labels, or several.",
        range="0 or 1",
        recipe=f"1 where no single label is read; {_READ}",
        source="this project",
        limits=_LIMITS,
    ),
    applies=has_labels,
    direction="lower",
)

MACRO_F1 = SetMetric(
    facts=MetricFacts(
        name="label.macro_f1",
        version=1,
        title="Macro F1",
        unit="share",
        direction="higher",
        needs=frozenset(),
        applies_to=TEXT,
        applies=has_labels,
        about=About(
            measures="How well labels are found and not confused, rare ones counting as much as "
            "frequent ones.",
            range="0…1",
            recipe="mean over labels of the F1 of the pooled counts; labels that are nobody's "
            "target and were never named are left out; an answer outside the labels is a miss of "
            f"its own and a false alarm of none; {_READ}; 95 % jackknife interval over prompts",
            source="the usual definition, as torchmetrics and scikit-learn give it",
            limits=f"Unsteady where a label has few prompts. {_LIMITS}",
        ),
    ),
    measure=_macro,
    minimum_n=lambda _d: 1,
)
