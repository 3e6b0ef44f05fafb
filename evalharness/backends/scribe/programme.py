"""What a scribe is programmed to do: the options of a model with the backend ``scribe``.

==================  ===========================================================================
``accuracy``        probability of a right answer (default 1)
``format_error``    probability that an answer's form is broken, right or wrong: JSON cut off,
                    another name for the function, no letter or two labels, an instruction broken,
                    leftover markup around words and numbers
``decline``         probability of a refusal in words, with the status ok
``refuse``          rate of the status refused
``verbosity``       whole number of sentences put around an answer (default 0); none where
                    `checks.instructions` prescribe how it is written
``classifies``      true: of a picture with `checks.labels` it tells how likely each label is,
                    instead of naming one
``sureness``        of likelihoods: 1 (default) is calibrated, 2 far too sure, 0.5 not sure enough
``surprise``        bits that a byte costs where there is one continuation (default 1)
``stubborn``        probability that a prompt's answers are right or wrong alike under all seeds
``hand``            whole number: scribes of different hands err on different prompts (default 0)
``answers``         a file of lines {"text": prompt, "right": answer, "wrong": answer}, for
                    prompts that do not say themselves what is right; `wrong` may be left out
``latency_s``       seconds slept per answer
==================  ===========================================================================

Chances are drawn from the prompt's words and pictures, seed, hand and the fault's name alone:
scribes that differ in one option fail on the same prompts in all other respects, and of two
accuracies the higher is right wherever the lower is.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evalharness.backends.options import Fields
from evalharness.core.nouns import Job, Model, Prompt

_RATES: Final = ("format_error", "decline", "refuse", "stubborn")
OPTIONS: Final = (
    *_RATES,
    "accuracy",
    "verbosity",
    "classifies",
    "sureness",
    "surprise",
    "hand",
    "answers",
    "latency_s",
)


@dataclass(frozen=True, slots=True)
class Programme:
    """The behaviour asked for, checked."""

    accuracy: float
    format_error: float
    decline: float
    refuse: float
    stubborn: float
    verbosity: int
    classifies: bool
    sureness: float
    surprise: float
    hand: int
    answers: Path | None
    latency_s: float

    @staticmethod
    def read(model: Model) -> Programme:
        """Read a model's options; raises BadInputError or UnknownNameError."""
        options = Fields(model.name, "options", model.options, OPTIONS)
        answers = options.text("answers")
        return Programme(
            **{name: options.number(name, most=1) for name in _RATES},
            accuracy=options.number("accuracy", most=1, usual=1.0),
            verbosity=options.whole("verbosity", least=0) or 0,
            classifies=options.flag("classifies"),
            sureness=options.number("sureness", usual=1.0),
            surprise=options.number("surprise", usual=1.0),
            hand=options.whole("hand", least=0) or 0,
            answers=Path(answers) if answers else None,
            latency_s=options.number("latency_s"),
        )

    def draws(self, fault: str, job: Job) -> random.Random:
        """The randomness of one fault for one job."""
        return self._random(fault, job.prompt, str(job.seed))

    def happens(self, fault: str, rate: float, job: Job) -> bool:
        """Whether a fault with this rate befalls a job."""
        return self.draws(fault, job).random() < rate

    def right(self, chance: float, job: Job) -> bool:
        """Whether what is right with this chance is right for a job; see `stubborn`."""
        stubborn = self._random("stubborn", job.prompt).random() < self.stubborn
        drawn = self._random("accuracy", job.prompt, *([] if stubborn else [str(job.seed)]))
        return drawn.random() < chance

    def _random(self, fault: str, prompt: Prompt, *more: str) -> random.Random:
        # pictures are often asked the same question, and each has a fate of its own
        shown = (picture.sha256 for picture in prompt.images)
        return random.Random("\0".join((str(self.hand), fault, prompt.text, *shown, *more)))
