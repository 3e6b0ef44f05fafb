"""The backend itself: jobs in canonical batches through one pipeline.

A short batch is filled up with copies of its last job, because kernels round differently per
batch size: so a job's pixels depend on neither its batch's size nor its batch-mates.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from evalharness.backends.batching import group_jobs, take_batch
from evalharness.backends.device.attempts import Failure
from evalharness.backends.device.chosen import choose_device
from evalharness.backends.device.failures import release_memory
from evalharness.backends.device.meters import Meter
from evalharness.backends.diffusers.batches import Made, Runner
from evalharness.backends.diffusers.calls import Call, Signature, shown_pictures
from evalharness.backends.diffusers.choices import Choices
from evalharness.backends.diffusers.forms import Forms
from evalharness.backends.diffusers.inputs import Size, Sizes
from evalharness.backends.diffusers.loading import Pipeline, load_pipeline
from evalharness.backends.diffusers.truncation import Truncation
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Job, Model, Resolution, Settings
from evalharness.core.outcomes import Answer, Picture, Status

NONFINITE = "the {0} are not finite (NaN or infinity); try another dtype"
FILTERED = "the pipeline's safety checker blanked the picture"


@dataclass(frozen=True, slots=True)
class Shape:
    """What jobs of one batch share: settings and negative prompt, pictures, and their size."""

    settings: str
    pictures: int
    size: Size | None


def open_backend(model: Model, resolution: Resolution) -> DiffusersBackend:
    """The backend for a resolved model; nothing is loaded before its `with` block."""
    return DiffusersBackend(model, resolution)


class DiffusersBackend:
    """One pipeline in memory, between `__enter__` and `__exit__`."""

    def __init__(self, model: Model, resolution: Resolution) -> None:
        self._model = model
        self._resolution = resolution
        self._choices = Choices.read(model)
        self._limits: dict[Shape, int] = {}
        self._runner: Runner | None = None

    def __enter__(self) -> Self:
        """Load the pipeline; raises BadInputError when it cannot be."""
        device = choose_device(self._choices.device)
        meter = Meter(device)
        pipe = load_pipeline(self._model, self._resolution, device)
        self._start(pipe, meter)
        return self

    def _start(self, pipe: Pipeline, meter: Meter) -> None:
        self._forms = Forms(pipe, meter)
        self._runner = self._forms.loaded
        default = self._runner.signature.defaults.get("max_sequence_length")
        self._truncation = Truncation(pipe, default)
        self._scheduler = getattr(pipe, "scheduler", None)
        self._meter = meter
        self._sizes = Sizes(pipe)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the pipeline's memory."""
        if self._runner is not None:
            self._forms.close()
        self._runner = self._scheduler = None
        del self._truncation
        release_memory()

    def generate(self, jobs: Sequence[Job]) -> Iterator[Answer]:
        """Answer all jobs, those with equal settings together.

        Settings of all jobs are checked first: raises BadInputError when the pipeline does not
        know one, and RuntimeError when the device is broken and the process must be replaced.
        """
        if self._runner is None:
            raise BadInputError("The backend is not open: use it in a `with` block.")
        groups = self._groups(jobs)
        runners = {shape: self._forms.find(shape.pictures) for shape in groups}
        calls = {
            shape: self._call(runner, shape, groups[shape][0].settings)
            for shape, runner in runners.items()
            if isinstance(runner, Runner)
        }
        for shape, group in groups.items():
            runner = runners[shape]
            if isinstance(runner, Runner):
                yield from self._answer_group(runner, shape, calls[shape], group)
            else:
                failure = Failure(out_of_memory=False, reason=runner, duration_s=0.0)
                yield from (self._failed(failure, job, 1) for job in group)

    def _groups(self, jobs: Sequence[Job]) -> dict[Shape, list[Job]]:
        """Jobs that one call can answer: also as many pictures, all of one size."""
        groups: dict[Shape, list[Job]] = {}
        for key, group in group_jobs(jobs).items():
            for job in group:
                pictures = shown_pictures(job)
                size = self._sizes.of(job) if pictures else None
                groups.setdefault(Shape(key, pictures, size), []).append(job)
        return groups

    def _call(self, runner: Runner, shape: Shape, settings: Settings) -> Call:
        if shape.pictures or runner.signature.accepts("image"):
            return runner.signature.picture_call(
                settings, self._scheduler, shape.pictures, shape.size
            )
        return runner.signature.call(settings, self._scheduler)

    def _answer_group(
        self, runner: Runner, shape: Shape, call: Call, group: Sequence[Job]
    ) -> Iterator[Answer]:
        pending, alone = deque(group), set[str]()
        whole = self._whole(runner, shape, call, group)
        while pending:
            size = min(whole, self._limits.get(shape, whole))
            batch = take_batch(pending, size, alone)
            result = runner.run(call, batch, size)
            if isinstance(result, Made):
                yield from self._answers(runner.signature, result, batch, alone, whole)
            elif result.out_of_memory and size > 1:
                self._limits[shape] = size // 2
                pending.extendleft(reversed(batch))
            elif len(batch) == 1:
                yield self._failed(result, batch[0], size)
            else:
                alone.update(job.key for job in batch)
                pending.extendleft(reversed(batch))

    def _whole(self, runner: Runner, shape: Shape, call: Call, group: Sequence[Job]) -> int:
        """The canonical batch, or 1 where the pipeline takes no more.

        Where memory is too small for two jobs, batches of this shape are limited as if one of two
        had failed: a pipeline that nobody could ask must not be given two prompts.
        """
        whole = self._choices.batch_size
        if self._limits.get(shape, whole) == 1:
            return whole
        for job in group:
            with suppress(BadInputError):  # a picture that is gone, which says nothing of others
                deals = runner.deals(call, job)
                if deals is None:
                    self._limits[shape] = 1
                return 1 if deals is False else whole
        return whole

    def _answers(
        self, signature: Signature, made: Made, batch: Sequence[Job], alone: set[str], whole: int
    ) -> Iterator[Answer]:
        for slot, job in enumerate(batch):
            status, reason = _outcome(made, slot)
            yield Answer(
                job_key=job.key,
                status=status,
                media=(Picture(made.pixels[slot]),) if status is Status.OK else (),
                reason=reason,
                duration_s=made.duration_s,
                batch_size=made.batch_size,
                padded=len(batch) < made.batch_size,
                peak_memory_bytes=made.peak_memory_bytes,
                energy_j=None if made.energy_j is None else made.energy_j / made.batch_size,
                device=self._meter.device_name,
                notes=self._notes(signature, job, made.batch_size, alone, whole),
            )

    def _failed(self, failure: Failure, job: Job, size: int) -> Answer:
        status = Status.OOM if failure.out_of_memory else Status.FAILED
        return Answer(
            job_key=job.key,
            status=status,
            reason=failure.reason,
            duration_s=failure.duration_s,
            batch_size=size,
            padded=size > 1,
            device=self._meter.device_name,
        )

    def _notes(
        self, signature: Signature, job: Job, size: int, alone: set[str], whole: int
    ) -> tuple[str, ...]:
        notes = list(self._truncation.notes(job.text, job.settings))
        if job.negative and not signature.accepts("negative_prompt"):
            notes.append(f"{signature.pipeline} takes no negative prompt; it was not used")
        if whole < self._choices.batch_size:
            notes.append(f"{signature.pipeline} takes the pictures of one prompt at a time")
        elif size < whole:
            notes.append(f"batch reduced from {whole} to {size} for memory")
        if job.key in alone:
            notes.append("answered alone after its batch failed")
        return tuple(notes)


def _outcome(made: Made, slot: int) -> tuple[Status, str]:
    if not made.finite_latents[slot]:
        return Status.NONFINITE, NONFINITE.format("latents")
    if not made.finite_pixels[slot]:
        return Status.NONFINITE, NONFINITE.format("decoded pixels")
    if made.filtered[slot]:
        return Status.FILTERED, FILTERED
    return Status.OK, ""
