"""One batch through the pipeline, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from evalharness.backends.device.attempts import Failure, attempt
from evalharness.backends.device.meters import Meter
from evalharness.backends.diffusers.calls import Call, Signature, fresh_scheduler
from evalharness.backends.diffusers.dealt import deals_pictures
from evalharness.backends.diffusers.inputs import picture_arguments
from evalharness.backends.diffusers.loading import Pipeline
from evalharness.core.nouns import Job


@dataclass(frozen=True, slots=True)
class Made:
    """A batch's pictures, uint8 (batch, height, width, 3), and each one's health (batch,)."""

    pixels: NDArray[np.uint8]
    finite_latents: NDArray[np.bool_]
    finite_pixels: NDArray[np.bool_]
    filtered: NDArray[np.bool_]
    batch_size: int
    duration_s: float
    peak_memory_bytes: int
    energy_j: float | None


class LatentWatch:
    """Remembers whether each picture's latents were finite after the last step.

    The answer stays on the device until the batch is done, so that watching costs no wait.
    """

    def __init__(self) -> None:
        self._finite: torch.Tensor | None = None

    def __call__(
        self, pipe: Pipeline, step: int, timestep: Any, tensors: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The pipelines' `callback_on_step_end`; it changes nothing."""
        latents = tensors.get("latents")
        if isinstance(latents, torch.Tensor):
            self._finite = torch.isfinite(latents).flatten(1).all(dim=1)
        return {}

    def finite(self, batch_size: int) -> NDArray[np.bool_]:
        """Whether each picture's latents were finite; true where the pipeline shows none."""
        if self._finite is None or len(self._finite) != batch_size:
            return np.ones(batch_size, dtype=np.bool_)
        found: NDArray[np.bool_] = self._finite.cpu().numpy()
        return found


class Runner:
    """Calls one pipeline with full batches."""

    def __init__(self, pipe: Pipeline, signature: Signature, meter: Meter) -> None:
        self._pipe = pipe
        self.signature = signature
        self._meter = meter
        self._deals: bool | None = None

    def deals(self, call: Call, job: Job) -> bool | None:
        """Whether one call may answer several jobs like this one; found out once.

        False where a pipeline does not deal pictures out to prompts, None where memory is too small
        for two of these, so that it is not found out yet.
        """
        if not call.pictures or self.signature.accepts("strength"):
            return True
        if self._deals is None:
            once, twice = (self._arguments([job] * n, call, LatentWatch()) for n in (1, 2))
            fresh_scheduler(self._pipe, call)
            self._deals = deals_pictures(self._pipe, once, twice)
        return self._deals

    def run(self, call: Call, batch: Sequence[Job], size: int) -> Made | Failure:
        """Answer `batch`, filled up to `size` with copies of its last job.

        Raises what breaks the device for good; every other exception becomes a Failure.
        """
        jobs = [*batch, *[batch[-1]] * (size - len(batch))]
        return attempt(self._meter, lambda: self._make(call, jobs))

    def close(self) -> None:
        """Let go of the pipeline, and of the hooks that offloading holds it by."""
        self._pipe.remove_all_hooks()
        self._pipe = None

    def _make(self, call: Call, jobs: Sequence[Job]) -> Made:
        watch = LatentWatch()
        fresh_scheduler(self._pipe, call)
        arguments = self._arguments(jobs, call, watch)
        try:
            out = self._pipe(**arguments)
        except Exception:
            self._pipe.maybe_free_model_hooks()  # else offloaded models stay where they were needed
            raise
        images = as_pictures(out.images)
        used = self._meter.stop()
        filtered = getattr(out, "nsfw_content_detected", None)
        finite = np.array([np.isfinite(image).all() for image in images])
        return Made(
            pixels=quantise(np.where(finite[:, None, None, None], images, 0)),
            finite_latents=watch.finite(len(jobs)),
            finite_pixels=finite,
            filtered=np.array(filtered if filtered else [False] * len(jobs), dtype=np.bool_),
            batch_size=len(jobs),
            duration_s=used.seconds,
            peak_memory_bytes=used.peak_bytes,
            energy_j=used.joules,
        )

    def _arguments(self, jobs: Sequence[Job], call: Call, watch: LatentWatch) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            **call.arguments,
            "prompt": [job.text for job in jobs],
            "generator": [torch.Generator("cpu").manual_seed(job.seed) for job in jobs],
            "output_type": "np",
            **picture_arguments(jobs, call.pictures, call.size),
        }
        if jobs[0].negative is not None and self.signature.accepts("negative_prompt"):
            arguments["negative_prompt"] = [str(job.negative) for job in jobs]
        if self.signature.accepts("callback_on_step_end"):
            arguments["callback_on_step_end"] = watch
        return arguments


def as_pictures(images: Any) -> NDArray[np.float32]:
    """A pipeline's `np` output as float (batch, height, width, 3), nominally in [0, 1].

    Raises ValueError for anything that is not a batch of grey or RGB pictures.
    """
    stacked = np.asarray(images)
    if stacked.ndim != 4 or stacked.shape[-1] not in (1, 3):
        raise ValueError(
            f"the pipeline gave an array of shape {stacked.shape}, not (batch, height, width, 3)"
        )
    return np.broadcast_to(stacked, (*stacked.shape[:3], 3))


def quantise(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Floats in [0, 1] to uint8, rounded to the nearest (even): as diffusers' PIL conversion."""
    return np.clip(images * 255, 0, 255).round().astype(np.uint8)
