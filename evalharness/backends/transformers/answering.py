"""The backend itself: jobs in batches of like length through one network."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from evalharness.backends.batching import group_jobs, take_batch
from evalharness.backends.device.attempts import Failure
from evalharness.backends.device.chosen import choose_device
from evalharness.backends.device.failures import (
    breaks_device,
    describe,
    is_out_of_memory,
    release_memory,
)
from evalharness.backends.device.meters import Meter, Reading
from evalharness.backends.transformers.batches import Writer, Written
from evalharness.backends.transformers.choices import (
    CLASSIFIES,
    COMPARES,
    Choices,
    Writing,
    read_writing,
)
from evalharness.backends.transformers.classifying import Classifier
from evalharness.backends.transformers.context import TooLongError, context_of, too_long
from evalharness.backends.transformers.likelihoods import likelihoods
from evalharness.backends.transformers.loading import Loaded, load
from evalharness.backends.transformers.seen_likelihoods import SeenLikelihoods
from evalharness.backends.transformers.talk import Asked, Talk
from evalharness.core.errors import BadInputError, HarnessError
from evalharness.core.nouns import Job, Model, Resolution
from evalharness.core.outcomes import Answer, Likelihoods, Status, Text

NOT_FINITE = "the model's logits are not numbers (NaN or infinity); try another dtype"


def open_backend(model: Model, resolution: Resolution) -> TransformersBackend:
    """The backend for a resolved model; nothing is loaded before its `with` block."""
    return TransformersBackend(model, resolution)


class TransformersBackend:
    """One network in memory, between `__enter__` and `__exit__`."""

    def __init__(self, model: Model, resolution: Resolution) -> None:
        self._model, self._resolution = model, resolution
        self._choices = Choices.read(model)
        self._loaded: Loaded | None = None

    def __enter__(self) -> Self:
        """Load the network; raises HarnessError when it cannot be."""
        device = choose_device(self._choices.device)
        self._meter = Meter(device)
        loaded = self._loaded = load(self._model, self._resolution, device)
        config = getattr(loaded.network, "generation_config", None)
        self._own = {} if config is None else config.to_dict()
        self._room = context_of(loaded)
        if loaded.task in (CLASSIFIES, COMPARES):
            self._classifier = Classifier(loaded, self._choices)
        else:
            self._talk = Talk(self._model.name, self._choices, loaded)
            self._writer = Writer(loaded, self._talk, self._meter)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the network's memory."""
        self._loaded = None
        for name in ("_classifier", "_talk", "_writer"):
            self.__dict__.pop(name, None)
        release_memory()

    def generate(self, jobs: Sequence[Job]) -> Iterator[Answer]:
        """Answer all jobs, those with equal settings together, short prompts first.

        Settings of all jobs are checked first: raises BadInputError for one that is not known.
        """
        if self._loaded is None:
            raise BadInputError("The backend is not open: use it in a `with` block.")
        groups = group_jobs(jobs)
        how = {
            k: read_writing(self._model.name, group[0].settings, self._own)
            for k, group in groups.items()
        }
        classifies = self._loaded.task in (CLASSIFIES, COMPARES)
        for key, group in groups.items():
            likely = [job for job in group if classifies or job.prompt.continuations]
            yield from (self._measured(job) for job in likely)
            keys = {job.key for job in likely}
            yield from self._written(how[key], [job for job in group if job.key not in keys])

    def _written(self, writing: Writing, jobs: Sequence[Job]) -> Iterator[Answer]:
        asked: list[Asked] = []
        for job in jobs:
            try:
                one = self._talk.ask(job)
            except HarnessError as error:
                yield Answer(job.key, Status.FAILED, reason=str(error))
                continue
            except Exception as error:  # pictures that a model's own reader refuses, by their shape
                if breaks_device(error):
                    raise
                yield Answer(job.key, Status.FAILED, reason=describe(error))
                continue
            if self._room is not None and one.tokens >= self._room:
                yield Answer(job.key, Status.TOO_LONG, reason=too_long(one.tokens, self._room))
            else:
                asked.append(one)
        asked.sort(key=lambda one: one.tokens)
        yield from self._batches(writing, {one.job.key: one for one in asked})

    def _batches(self, writing: Writing, asked: dict[str, Asked]) -> Iterator[Answer]:
        size, alone = self._choices.batch_size, set[str]()
        pending = deque(one.job for one in asked.values())
        # what nears the end of the context must not cut others short
        room = self._room
        if room is not None:
            near = (key for key, o in asked.items() if o.tokens + writing.max_new_tokens > room)
            alone.update(near)
        while pending:
            batch = take_batch(pending, size, alone)
            steps = self._steps(writing, [asked[job.key] for job in batch])
            result = self._writer.run(writing, [asked[job.key] for job in batch], steps)
            if isinstance(result, Written):
                yield from self._answers(result, batch, steps, writing, size)
            elif len(batch) == 1:
                status = Status.OOM if result.out_of_memory else Status.FAILED
                yield self._answer(batch[0], status, result, 1)
            else:
                pending.extendleft(reversed(batch))
                if result.out_of_memory:
                    size = max(1, len(batch) // 2)
                else:
                    alone.update(job.key for job in batch)

    def _steps(self, writing: Writing, batch: Sequence[Asked]) -> int:
        if self._room is None:
            return writing.max_new_tokens
        return min(writing.max_new_tokens, self._room - max(one.tokens for one in batch))

    def _answers(
        self, written: Written, batch: Sequence[Job], steps: int, writing: Writing, size: int
    ) -> Iterator[Answer]:
        whole, shared = self._choices.batch_size, []
        if self._talk.note:
            shared.append(self._talk.note)
        if size < whole:
            shared.append(f"batch reduced from {whole} to {size} for memory")
        for row, job in enumerate(batch):
            notes = list(shared)
            if not written.ended[row]:
                full = steps < writing.max_new_tokens
                notes.append(
                    f"cut off after {steps} tokens" + (": the context is full" if full else "")
                )
            if written.finite[row]:
                yield self._answer(
                    job, Status.OK, written.used, len(batch), (Text(written.texts[row]),), notes
                )
            else:
                yield self._answer(
                    job, Status.NONFINITE, written.used, len(batch), (), notes, NOT_FINITE
                )

    def _measured(self, job: Job) -> Answer:
        """The answer to a job that asks for likelihoods; fewer at once where memory is short."""
        size = min(self._choices.batch_size, len(job.prompt.continuations)) or 1
        while True:
            self._meter.start()
            try:
                found = self._likelihoods(job, size)
                break
            except TooLongError as error:
                return Answer(job.key, Status.TOO_LONG, reason=str(error))
            except HarnessError as error:
                return Answer(job.key, Status.FAILED, reason=str(error))
            except Exception as error:
                if breaks_device(error):
                    raise
                short, reason = is_out_of_memory(error), describe(error)
            if size == 1 or not short:
                return Answer(job.key, Status.OOM if short else Status.FAILED, reason=reason)
            release_memory()  # here no exception holds tensors any more
            size //= 2
        used = self._meter.stop()
        if not all(math.isfinite(one.log) for one in found.of):
            return self._answer(job, Status.NONFINITE, used, 1, reason=NOT_FINITE)
        return self._answer(job, Status.OK, used, 1, (found,))

    def _likelihoods(self, job: Job, size: int) -> Likelihoods:
        assert self._loaded is not None
        if self._loaded.task in (CLASSIFIES, COMPARES):
            return self._classifier.labels(job)
        if not job.prompt.images:
            text, texts = self._talk.worded(job), job.prompt.continuations
            return likelihoods(self._loaded, text, texts, self._room, self._talk.templated)
        self._talk.refuse_blind(job)
        return SeenLikelihoods(self._loaded, self._talk, self._room).of(job, size)

    def _answer(
        self,
        job: Job,
        status: Status,
        used: Reading | Failure,
        batch_size: int,
        media: tuple[Any, ...] = (),
        notes: Sequence[str] = (),
        reason: str = "",
    ) -> Answer:
        measured = used if isinstance(used, Reading) else None
        joules = (
            None if measured is None or measured.joules is None else measured.joules / batch_size
        )
        return Answer(
            job_key=job.key,
            status=status,
            media=media,
            reason=used.reason if isinstance(used, Failure) else reason,
            duration_s=used.seconds if isinstance(used, Reading) else used.duration_s,
            batch_size=batch_size,
            peak_memory_bytes=measured.peak_bytes if measured else None,
            energy_j=joules,
            device=self._meter.device_name,
            notes=tuple(notes),
        )
