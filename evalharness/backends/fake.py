"""A model whose every answer and fault is programmed, for trying out and testing a whole run.

Everything is decided by the job's key, so that a restarted run sees the same behaviour:

options (part of the identity):
  answer       "target" (default), "upper" (the prompt in capitals) or "echo"; text models only
  table        {prompt text: answer}, wins over `answer`
  wrong        probability of a wrong text (another label or choice where the prompt offers some,
               another number), or of a wrong continuation being the likeliest
  fail, refuse, filter, nonfinite, oom, timeout     rates of these statuses
  latency_s, load_s, memory_bytes, cost             what a job, loading, the model takes
  crash_at, hang_at                                 job (from 0, per process) to die or hang at
  load_error                                        message of an error while loading
placement (recorded only):
  batch_size   jobs answered together (default 1)
  healed_by    a file: while it exists `fail`, `oom`, `timeout`, `crash_at`, `hang_at` do not
               happen. A crash or hang creates it first, so that it happens once
"""

from __future__ import annotations

import hashlib
import math
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from evalharness.backends.options import Fields
from evalharness.core.contracts import BackendEntry
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Job, Json, Model, Resolution
from evalharness.core.outcomes import Answer, Likelihood, Likelihoods, Media, Picture, Status, Text

CRASH_CODE = 70
RATES = {
    "fail": Status.FAILED,
    "refuse": Status.REFUSED,
    "filter": Status.FILTERED,
    "nonfinite": Status.NONFINITE,
    "too_long": Status.TOO_LONG,
    "oom": Status.OOM,
    "timeout": Status.TIMEOUT,
}
HEALABLE = frozenset({Status.FAILED, Status.OOM, Status.TIMEOUT})
ANSWERS = ("echo", "target", "upper")
NUMBERS = ("latency_s", "load_s", "memory_bytes", "cost")
OPTIONS = (*RATES, *NUMBERS, "answer", "table", "wrong", "crash_at", "hang_at", "load_error")


@dataclass(frozen=True, slots=True)
class Programme:
    """The behaviour asked for, checked."""

    answer: str
    table: dict[str, Json]
    wrong: float
    rates: dict[Status, float]
    numbers: dict[str, float]
    crash_at: int | None
    hang_at: int | None
    load_error: str | None
    batch_size: int
    healed_by: Path | None

    @staticmethod
    def read(model: Model) -> Programme:
        """Read a model's options and placement; raises BadInputError, UnknownNameError."""
        options = Fields(model.name, "options", model.options, OPTIONS)
        placement = Fields(
            model.name, "placement", model.placement, ("batch_size", "device", "healed_by")
        )
        healed_by = placement.text("healed_by")
        return Programme(
            answer=options.text("answer", ANSWERS) or "target",
            table=options.mapping("table"),
            wrong=options.number("wrong", most=1),
            rates={status: options.number(name, most=1) for name, status in RATES.items()},
            numbers={name: options.number(name) for name in NUMBERS},
            crash_at=options.whole("crash_at", least=0),
            hang_at=options.whole("hang_at", least=0),
            load_error=options.text("load_error"),
            batch_size=placement.whole("batch_size", least=1) or 1,
            healed_by=Path(healed_by) if healed_by else None,
        )


class FakeBackend:
    """Answers as programmed; see the module's documentation."""

    def __init__(self, model: Model, resolution: Resolution) -> None:
        self._model = model
        self._programme = Programme.read(model)
        self._seen = 0

    def __enter__(self) -> Self:
        """Take as long to load, or fail to load, as programmed."""
        time.sleep(self._programme.numbers["load_s"])
        if self._programme.load_error:
            raise BadInputError(self._programme.load_error)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is held."""

    def generate(self, jobs: Sequence[Job]) -> Iterator[Answer]:
        """Answer in order, `batch_size` at a time."""
        size = self._programme.batch_size
        for start in range(0, len(jobs), size):
            began = time.perf_counter()
            batch = jobs[start : start + size]
            for _ in batch:
                self._crash_or_hang()
                time.sleep(self._programme.numbers["latency_s"])
            duration = time.perf_counter() - began
            for job in batch:
                yield self._answer(job, duration, len(batch))

    def _crash_or_hang(self) -> None:
        number, self._seen = self._seen, self._seen + 1
        if number not in (self._programme.crash_at, self._programme.hang_at) or self._healed():
            return
        if self._programme.healed_by:
            self._programme.healed_by.touch()
        if number == self._programme.crash_at:
            os._exit(CRASH_CODE)
        while True:
            time.sleep(3600)

    def _healed(self) -> bool:
        return self._programme.healed_by is not None and self._programme.healed_by.exists()

    def _answer(self, job: Job, duration: float, batch_size: int) -> Answer:
        status = self._status(job)
        ok = status is Status.OK
        numbers = self._programme.numbers
        return Answer(
            job_key=job.key,
            status=status,
            media=(self._media(job),) if ok else (),
            reason="" if ok else f"programmed {status}",
            duration_s=duration,
            batch_size=batch_size,
            peak_memory_bytes=int(numbers["memory_bytes"]) or None,
            cost=numbers["cost"] or None,
        )

    def _status(self, job: Job) -> Status:
        """Each rate has its own stretch of [0, 1); the key says where the job falls."""
        at = _chance(job, "status")
        for status, rate in self._programme.rates.items():
            if at < rate:
                healed = status in HEALABLE and self._healed()
                return Status.OK if healed else status
            at -= rate
        return Status.OK

    def _media(self, job: Job) -> Media:
        if self._model.modality == "image":
            return Picture(_picture(job))
        wrong = _chance(job, "wrong") < self._programme.wrong
        if job.prompt.continuations:
            return _likelihoods(job, wrong)
        right = self._right_text(job)
        return Text(_wrong_text(job, right) if wrong else right)

    def _right_text(self, job: Job) -> str:
        if job.prompt.text in self._programme.table:
            return str(self._programme.table[job.prompt.text])
        if self._programme.answer == "upper":
            return job.text.upper()
        if self._programme.answer == "target" and job.prompt.target is not None:
            return job.prompt.target
        return job.text


def _wrong_text(job: Job, right: str) -> str:
    """The label or choice after the right one, the next number, or what is not right."""
    for name in ("labels", "choices"):
        offered = job.prompt.checks.get(name)
        if isinstance(offered, list) and right in offered:
            return str(offered[(offered.index(right) + 1) % len(offered)])
    return str(int(right) + 1) if right.isdecimal() else f"not {right}"


def _likelihoods(job: Job, wrong: bool) -> Likelihoods:
    """The target (else the first) twice as likely as any other, or, if wrong, the one after it."""
    texts = job.prompt.continuations
    best = texts.index(job.prompt.target) if job.prompt.target in texts else 0
    best = (best + wrong) % len(texts)
    whole = len(texts) + 1
    return Likelihoods(
        tuple(
            Likelihood(text, math.log((2 if i == best else 1) / whole), max(1, len(text.split())))
            for i, text in enumerate(texts)
        )
    )


def _picture(job: Job) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Noise from the key, uint8 (height, width, 3); 16×16 unless settings say otherwise."""
    seed = int.from_bytes(hashlib.sha256(job.key.encode()).digest()[:8])
    height, width = (int(str(job.settings.get(side, 16))) for side in ("height", "width"))
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _chance(job: Job, purpose: str) -> float:
    """A number in [0, 1) that only the key and the purpose decide."""
    return random.Random(f"{purpose}:{job.key}").random()


def resolve(model: Model) -> Resolution:
    """There are no weights; the options are checked here so that a plan finds mistakes."""
    Programme.read(model)
    return Resolution(revision="sha256:" + hashlib.sha256(b"fake").hexdigest(), location="built-in")


ENTRY = BackendEntry(
    name="fake",
    version=2,
    resolve=resolve,
    implementation="evalharness.backends.fake:FakeBackend",
    reads="truth",
)
