"""How likely a scribe finds continuations, or the labels of a picture.

It is right as often as programmed, and as sure as programmed. Its accuracy is not the same for all
prompts: half of them are easy for it and half hard, and it knows which. A scribe with the sureness
1 tells the very chance of being right; above 1 the chances are sharpened, p^sureness over the sum,
below 1 flattened.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from evalharness.backends.scribe.programme import Programme
from evalharness.core.likelihoods import compared
from evalharness.core.nouns import Job
from evalharness.core.outcomes import Likelihood, Likelihoods

_LEAST_LEAD: Final = 0.01
"""By which what is chosen is likelier than even chances."""


def chance_of_right(programme: Programme, job: Job) -> float:
    """How often the scribe is right about such a job: `accuracy` on average over prompts.

    As far above and below it as even chances and certainty allow, by half.
    """
    even = 1.0 / len(compared(job.prompt))
    accuracy = programme.accuracy
    reach = max(0.0, min(1.0 - accuracy, accuracy - even)) / 2.0
    return accuracy + (reach if programme.happens("easy", 0.5, job) else -reach)


def told(chance: float, sureness: float, choices: int) -> float:
    """The chance (0…1) that is told for what is chosen, where it is right with `chance`."""
    even = 1.0 / choices
    sure = min(max(chance, even + _LEAST_LEAD), 1.0 - 1e-6)
    other = (1.0 - sure) / (choices - 1)
    # in logarithms, since powers of small chances vanish
    lead = sureness * (math.log(sure) - math.log(other))
    return 1.0 / (1.0 + (choices - 1) * math.exp(-lead))


def likelihoods(programme: Programme, job: Job) -> Likelihoods:
    """Of every continuation or label, the chosen one ahead and the others alike."""
    texts = compared(job.prompt)
    if len(texts) == 1:
        log = -programme.surprise * math.log(2.0) * len(texts[0].encode("utf-8", "replace"))
        return Likelihoods((_of(texts[0], log),))
    chance = chance_of_right(programme, job)
    chosen = _chosen(texts, job.prompt.target, programme.right(chance, job), programme, job)
    top = told(chance, programme.sureness, len(texts))
    rest = math.log((1.0 - top) / (len(texts) - 1))
    return Likelihoods(
        tuple(
            _of(text, math.log(top) if place == chosen else rest)
            for place, text in enumerate(texts)
        )
    )


def _chosen(
    texts: Sequence[str], target: str | None, right: bool, programme: Programme, job: Job
) -> int:
    """The place of the target (else the first), or of another if wrong."""
    best = texts.index(target) if target in texts else 0
    if right:
        return best
    others = [place for place in range(len(texts)) if place != best]
    return programme.draws("wrong", job).choice(others)


def _of(text: str, log: float) -> Likelihood:
    """A word is a token."""
    return Likelihood(text, log, max(1, len(text.split())))
