"""What comes back: statuses, raw media, answers, and what extractors saw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evalharness.core.nouns import Json


class Status(StrEnum):
    """How an attempt ended. Every status but OK has a reason; none is ever a score of 0."""

    OK = "ok"
    REFUSED = "refused"
    FILTERED = "filtered"
    NONFINITE = "nonfinite"
    TOO_LONG = "too_long"
    FAILED = "failed"
    TIMEOUT = "timeout"
    OOM = "oom"


TERMINAL = frozenset(
    {Status.OK, Status.REFUSED, Status.FILTERED, Status.NONFINITE, Status.TOO_LONG}
)
"""Attempts with these statuses are final; the others are tried again by the next run.

A prompt that is too long for a model's context stays so: what is asked would have to change.
"""

MAX_ATTEMPTS = 3
"""How often a non-terminal status is tried again before a run leaves it alone."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels as a model made them: uint8, (height, width, 3), RGB."""

    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Text:
    """Words a model answered with, or a prompt's own words."""

    text: str


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How likely a model finds `text` after a prompt: `log`, the natural logarithm of p.

    `tokens` are those that the text has there, and `greedy` whether each of them was the likeliest
    (None where nobody can tell). A classifier's label is one token.
    """

    text: str
    log: float
    tokens: int
    greedy: bool | None = None


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """What a model answers to a prompt with continuations, in their order."""

    of: tuple[Likelihood, ...]


Media: TypeAlias = Picture | Text | Likelihoods


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture with words put to it, for networks that look at both at once."""

    pixels: NDArray[np.uint8]
    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A text answer with what is asked about it: a judge's question, a program's tests."""

    answer: str
    asked: str


MARKED = 128
"""From this brightness (of 255) on, a picture that marks a region marks a pixel."""


@dataclass(frozen=True, slots=True)
class Change:
    """A picture before and after an edit, both uint8 (height, width, 3) of any size.

    `region` is bool (height, width) of `before`: where a change was asked for; None where nobody
    said so.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    region: NDArray[np.bool_] | None = None


Seeable: TypeAlias = Picture | Text | Pair | Exchange | Change
"""Whatever an extractor may be shown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend hands back for one job, still in memory.

    `duration_s` is the wall time of the batch that made it (seconds), `batch_size` the number of
    jobs computed together after any out-of-memory back-off, `padded` whether copies filled the
    batch up, `peak_memory_bytes` the device's (or process's) peak while the batch ran, `energy_j`
    this answer's share (padding counts as answers) of what the device used for the batch (joules),
    where it can tell.
    """

    job_key: str
    status: Status
    media: tuple[Media, ...] = ()
    reason: str = ""
    duration_s: float = 0.0
    batch_size: int = 1
    padded: bool = False
    peak_memory_bytes: int | None = None
    cost: float | None = None
    energy_j: float | None = None
    device: str = "cpu"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureValue:
    """What one extractor saw in one subject; the fields it does not give stay None.

    `vector` is float32 (d,); `detail` holds structure as JSON. Detections are
    `{"objects": [{"label", "confidence", "box": [x0, y0, x1, y1] in pixels, "colour"?}, …],
    "width", "height", "classes"?, "colours"?, "counting"?}`: all the classes and colours that the
    detector could have told (`"colours": false` for none), and the confidence of a detection that
    is sure enough to be counted. Measurements are `{name: number}`.

    `reason` says why something is missing. Where there is nothing but a reason, the subject was not
    looked at: it is kept as failed, and tried again by the next run.
    """

    vector: NDArray[np.float32] | None = None
    scalar: float | None = None
    text: str | None = None
    detail: Json = None
    reason: str = ""

    @property
    def looked(self) -> bool:
        """Whether anything was seen, or nothing said why not."""
        given = (self.vector, self.scalar, self.text, self.detail)
        return not self.reason or any(one is not None for one in given)
