"""The pictures that prompts bring along, in the size that a pipeline works in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PIL import Image

from evalharness.backends.diffusers.loading import Pipeline
from evalharness.catalog.input_pictures import picture_pixels
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import InputPicture, Job

Size = tuple[int, int]
"""Width and height in pixels."""

SIDES = ("width", "height")
EIGHT = 8
"""What most pipelines ask of width and height, whatever their VAE."""


class Sizes:
    """The size each job's picture is brought to."""

    def __init__(self, pipe: Pipeline) -> None:
        processor: Any = getattr(pipe, "image_processor", None)
        config: Any = getattr(processor, "config", {})
        self._multiple = math.lcm(EIGHT, int(config.get("vae_scale_factor", EIGHT)))
        self._own: dict[str, Size | None] = {}

    def of(self, job: Job) -> Size | None:
        """The job's width and height; a side not set is the picture's, to the VAE's multiple.

        None where the picture cannot be read: whoever reads it next is told why.
        """
        width, height = (job.settings.get(side) for side in SIDES)
        if isinstance(width, int) and isinstance(height, int):
            return width, height
        own = self._own_size(job.prompt.images[0])
        if own is None:
            return None
        return (
            width if isinstance(width, int) else own[0],
            height if isinstance(height, int) else own[1],
        )

    def _own_size(self, picture: InputPicture) -> Size | None:
        if picture.sha256 not in self._own:
            try:
                height, width, _ = picture_pixels(picture).shape
            except BadInputError:
                return None
            self._own[picture.sha256] = self._round(width), self._round(height)
        return self._own[picture.sha256]

    def _round(self, side: int) -> int:
        return max(1, round(side / self._multiple)) * self._multiple


def picture_arguments(
    jobs: Sequence[Job], pictures: int, size: Size | None
) -> dict[str, list[Image.Image]]:
    """The `image` and, where two pictures are shown, `mask_image` of a call, one per job.

    Raises BadInputError for a picture that is gone or changed since the run was planned.
    """
    arguments = {}
    names = ("image", "mask_image")[:pictures]
    for index, name in enumerate(names):
        # a mask resized smoothly would have a border that is neither inside nor outside
        how = Image.Resampling.NEAREST if index else Image.Resampling.LANCZOS
        read = [Image.fromarray(picture_pixels(job.prompt.images[index])) for job in jobs]
        read = [one.convert("L") if index else one for one in read]
        arguments[name] = [one if size is None else one.resize(size, how) for one in read]
    return arguments
