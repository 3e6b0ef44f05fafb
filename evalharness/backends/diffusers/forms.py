"""One set of weights as several pipelines: from words, from a picture, inside a region of one."""

from __future__ import annotations

from typing import Any

import diffusers as untyped_diffusers

from evalharness.backends.device.meters import Meter
from evalharness.backends.diffusers.batches import Runner
from evalharness.backends.diffusers.calls import Signature
from evalharness.backends.diffusers.loading import LOAD_ERRORS, Pipeline, place_form
from evalharness.core.errors import BadInputError

diffusers: Any = untyped_diffusers

MASK = "mask_image"


class Forms:
    """The runner for a prompt's number of pictures; all of them share the loaded components.

    No picture: the pipeline as loaded. One: its image-to-image form, or itself where it takes a
    picture to edit. Two: its inpainting form, the second picture being white where to paint
    (kept from it with the setting `mask: false`).
    """

    def __init__(self, pipe: Pipeline, meter: Meter) -> None:
        """Raises BadInputError when it is not a pipeline from a prompt to pictures."""
        self.loaded = Runner(pipe, Signature(pipe), meter)
        self._pipe = pipe
        self._meter = meter
        self._found: dict[int, Runner | str] = {0: self.loaded}

    def find(self, pictures: int) -> Runner | str:
        """The runner for prompts with so many pictures, or why there is none."""
        if pictures not in self._found:
            try:
                self._found[pictures] = self._make(pictures)
            except (*LOAD_ERRORS, BadInputError) as error:
                self._found[pictures] = (
                    f"{type(self._pipe).__name__} has no form for a prompt with {pictures} "
                    f"picture{'s' if pictures > 1 else ''}: {error}"
                )
        return self._found[pictures]

    def close(self) -> None:
        """Let go of every pipeline."""
        for runner in {one for one in self._found.values() if isinstance(one, Runner)}:
            runner.close()
        self._found.clear()
        self._pipe = None

    def _make(self, pictures: int) -> Runner:
        if pictures > 2:
            raise BadInputError("a picture and a mask are the most that can be given.")
        own = self.loaded.signature
        if own.accepts("image") and own.accepts(MASK) == (pictures == 2):
            return self.loaded
        if pictures == 1:
            pipe = diffusers.AutoPipelineForImage2Image.from_pipe(self._pipe)
        else:
            pipe = diffusers.AutoPipelineForInpainting.from_pipe(self._pipe)
        pipe.set_progress_bar_config(disable=True)
        place_form(pipe, self._pipe)
        signature = Signature(pipe)
        if not signature.accepts("image") or (pictures == 2 and not signature.accepts(MASK)):
            raise BadInputError(f"{signature.pipeline} does not take them.")
        return Runner(pipe, signature, self._meter)
