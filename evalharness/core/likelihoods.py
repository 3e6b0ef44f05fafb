"""Whose likelihoods a prompt asks for; likelihoods as the text they are stored in, and back."""

from __future__ import annotations

import json

from evalharness.core.nouns import Prompt
from evalharness.core.outcomes import Likelihood, Likelihoods


def compared(prompt: Prompt) -> tuple[str, ...]:
    """The texts that a model which tells likelihoods compares: the continuations, or the labels.

    Labels are compared with a picture only: of a text, models that write name one instead.
    """
    return prompt.continuations or picture_labels(prompt)


def picture_labels(prompt: Prompt) -> tuple[str, ...]:
    """`checks.labels` of a prompt with pictures, which are then an input: classifiers need them."""
    labels = prompt.checks.get("labels")
    if not prompt.images or not isinstance(labels, list):
        return ()
    return tuple(str(label) for label in labels)


def written(likelihoods: Likelihoods) -> str:
    """JSON, `[[text, log, tokens, greedy], …]`; raises ValueError for NaN and infinity."""
    rows = [[one.text, one.log, one.tokens, one.greedy] for one in likelihoods.of]
    return json.dumps(rows, ensure_ascii=False, allow_nan=False)


def read(text: str) -> Likelihoods:
    """What `written` wrote."""
    return Likelihoods(tuple(Likelihood(*row) for row in json.loads(text)))
