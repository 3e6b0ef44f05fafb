"""From a job's settings to the keyword arguments of one pipeline, checked before anything runs."""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass
from typing import Any

import diffusers

from evalharness.backends.diffusers.inputs import SIDES, Size
from evalharness.backends.diffusers.loading import Pipeline
from evalharness.core.errors import BadInputError, unknown_name
from evalharness.core.nouns import Job, Json, Settings

SHORT = {"steps": "num_inference_steps", "guidance": "guidance_scale"}
OURS = frozenset(
    {"prompt", "negative_prompt", "generator", "latents", "output_type", "return_dict"}
    | {"image", "mask_image"}
    | {"callback", "callback_steps", "callback_on_step_end", "num_images_per_prompt"}
    | {"callback_on_step_end_tensor_inputs"}
)
"""Arguments the backend fills itself; they are no settings."""

AREA = "max_area"
"""The argument of pipelines that would else rescale whatever width and height they are given."""

SCHEDULER = ("scheduler", "scheduler_config")
MASK = "mask"
"""The setting with which a prompt's second picture is kept from the model (`mask: false`)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One group of jobs' arguments, and the untouched scheduler each batch gets a copy of.

    It is given the first `pictures` of every prompt, brought to `size`.
    """

    arguments: dict[str, Json]
    scheduler: Any
    pictures: int = 0
    size: Size | None = None


class Signature:
    """What a pipeline's call accepts."""

    def __init__(self, pipe: Pipeline) -> None:
        """Raises BadInputError when it is not a pipeline from a prompt to pictures."""
        parameters = inspect.signature(type(pipe).__call__).parameters
        self.pipeline = type(pipe).__name__
        self.defaults = {name: p.default for name, p in parameters.items()}
        missing = {"prompt", "generator", "output_type"} - set(parameters)
        if missing:
            raise BadInputError(
                f"{self.pipeline} takes no {', '.join(sorted(missing))}, so it cannot answer a "
                "prompt with a seeded picture. Choose a text-to-image pipeline."
            )

    def accepts(self, name: str) -> bool:
        """Whether the call has an argument of this name."""
        return name in self.defaults

    def call(self, settings: Settings, scheduler: Any) -> Call:
        """Translate settings; raises BadInputError naming what the pipeline accepts."""
        arguments: dict[str, Json] = {}
        for name, value in settings.items():
            if name in SCHEDULER:
                continue
            full = SHORT.get(name, name)
            if full in OURS or not self.accepts(full):
                raise BadInputError(
                    f"{self.pipeline} has no setting {name!r}. It accepts: "
                    f"{', '.join(self._settings())}."
                )
            arguments[full] = value
        return Call(arguments, _override(scheduler, settings))

    def picture_call(
        self, settings: Settings, scheduler: Any, pictures: int, size: Size | None
    ) -> Call:
        """As `call`, where a pipeline takes pictures, whose size is the answer's.

        Pipelines that bring every answer to an area of their own (Kontext's megapixel) keep the
        picture's proportions alone, unless width and height are settings.
        """
        left_out = {side for side in SIDES if not self.accepts(side)} | {MASK}
        others = {name: value for name, value in settings.items() if name not in left_out}
        call = self.call(others, scheduler)
        width, height = (settings.get(side) for side in SIDES)
        if isinstance(width, int) and isinstance(height, int) and self.accepts(AREA):
            call.arguments.setdefault(AREA, width * height)
        if size is not None:
            sides = dict(zip(SIDES, size, strict=True))
            call.arguments.update({side: n for side, n in sides.items() if self.accepts(side)})
        return Call(call.arguments, call.scheduler, pictures, size)

    def _settings(self) -> list[str]:
        long = {full: short for short, full in SHORT.items()}
        known = {long.get(n, n) for n in self.defaults if n not in OURS and n != "self"}
        known = {n for n in known if not n.startswith(("kwargs", "args"))}
        return sorted(known | set(SCHEDULER))


def shown_pictures(job: Job) -> int:
    """How many of its prompt's pictures a model is given; raises BadInputError."""
    mask = job.settings.get(MASK, True)
    if not isinstance(mask, bool):
        raise BadInputError(f"The setting {MASK!r} is {mask!r}; expected true or false.")
    return len(job.prompt.images) if mask else min(1, len(job.prompt.images))


def _override(scheduler: Any, settings: Settings) -> Any:
    """The scheduler `settings` ask for, with the pipeline's own configuration underneath."""
    name, changes = settings.get("scheduler"), settings.get("scheduler_config", {})
    if name is None and not changes:
        return scheduler
    if scheduler is None:
        raise BadInputError("This pipeline has no scheduler, so settings cannot change it.")
    if not isinstance(changes, dict):
        raise BadInputError(f"scheduler_config is {changes!r}; expected a mapping.")
    kind = type(scheduler) if name is None else _scheduler_class(str(name))
    return kind.from_config(scheduler.config, **changes)


def _scheduler_class(name: str) -> Any:
    known = [n for n in dir(diffusers) if n.endswith("Scheduler") and not n.startswith("Flax")]
    if name not in known:
        raise unknown_name("scheduler", name, known)
    return getattr(diffusers, name)


def fresh_scheduler(pipe: Pipeline, call: Call) -> None:
    """Give the pipeline an unused scheduler: they keep state, also from a batch that broke off."""
    if call.scheduler is not None:
        pipe.scheduler = copy.deepcopy(call.scheduler)
