"""The backend ``painter``: draws what a prompt asks for, as well as it is programmed to.

Its truth is known exactly (see :mod:`evalharness.tinyworld.programme`), it needs no torch, and
it answers in milliseconds: the laboratory in which metrics and statistics are proved. The same
prompt, seed and options always give the same answer; settings do not change it. Two painters
with different options make their mistakes independently.
"""

import hashlib
import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from evalharness.catalog.input_pictures import picture_pixels
from evalharness.core.contracts import BackendEntry
from evalharness.core.errors import BadInputError
from evalharness.core.keys import digest, plain
from evalharness.core.nouns import Job, Model, Resolution
from evalharness.core.outcomes import MARKED, Answer, Picture, Status
from evalharness.tinyworld.mistakes import mistaken
from evalharness.tinyworld.parser import parse
from evalharness.tinyworld.programme import Programme
from evalharness.tinyworld.references import reference_picture
from evalharness.tinyworld.renderer import render
from evalharness.tinyworld.scene import AESTHETICS, Scene

VERSION = 1
MEMORABLE = 1024
"""Pictures of the reference that a painter can have memorised."""


class Painter:
    """A model that draws; see the module's documentation."""

    def __init__(self, model: Model, resolution: Resolution) -> None:
        self._programme = Programme.read(model)
        self._identity = digest(plain(dict(model.options)))

    def __enter__(self) -> Self:
        """Take as long to load as programmed."""
        time.sleep(self._programme.amounts["load_s"])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is held."""

    def generate(self, jobs: Sequence[Job]) -> Iterator[Answer]:
        """Answer in order, one by one."""
        for job in jobs:
            began = time.perf_counter()
            status = self._status(job)
            media: tuple[Picture, ...] = ()
            reason = f"programmed {status}"
            if status is Status.OK:
                try:
                    media, reason = (Picture(self._picture(job)),), ""
                except BadInputError as error:  # the prompt's picture is gone, or is another now
                    status, reason = Status.FAILED, str(error)
            time.sleep(self._programme.amounts["latency_s"])
            yield Answer(
                job_key=job.key,
                status=status,
                media=media,
                reason=reason,
                duration_s=time.perf_counter() - began,
                peak_memory_bytes=int(self._programme.amounts["memory_bytes"]) or None,
                cost=self._programme.amounts["cost"] or None,
            )

    def _status(self, job: Job) -> Status:
        """Each rate has its own stretch of 0..1; prompt and seed say where the job falls."""
        at = self._rng("status", job.text, job.seed).random()
        for status, rate in self._programme.rates.items():
            if at < rate:
                return status
            at -= rate
        return Status.OK

    def _picture(self, job: Job) -> NDArray[np.uint8]:
        """What is asked for; put into the prompt's picture, where it has one, in that one's size.

        A second picture marks the region to paint in; without it, all is painted anew.
        """
        if not job.prompt.images:
            return self._paint(job)
        before, *marks = map(picture_pixels, job.prompt.images)
        programme, size = self._programme, (before.shape[1], before.shape[0])
        rng = self._rng("edit", f"{job.prompt.images[0].sha256} {job.text}", job.seed)
        untouched, strays = rng.random(2) < (programme.untouched, programme.rest_error)
        if untouched:
            return before
        painted = _sized(self._paint(job), size)
        if strays or not marks:
            return painted
        region = _sized(marks[0], size).max(axis=2, keepdims=True) >= MARKED
        return np.where(region, painted, before)

    def _paint(self, job: Job) -> NDArray[np.uint8]:
        """uint8 RGB, (64, 64, 3), or (256, 256, 3) where lettering is asked for."""
        programme = self._programme
        memory = self._rng("memory", job.text, job.seed)
        if memory.random() < programme.memorised:
            return reference_picture(int(memory.integers(MEMORABLE)))
        rng = self._rng("scene", job.text, job.seed)
        asked = parse(job.text)
        scene = replace(
            mistaken(asked, programme.errors, rng), aesthetic=self._aesthetic(asked, rng)
        )
        composing = rng
        if programme.variations is not None:
            variation = int(rng.integers(programme.variations))
            composing = self._rng("variation", "", variation)
        strength = programme.strengths[scene.aesthetic or AESTHETICS[0]]
        return self._degraded(render(scene, composing, strength), composing)

    def _aesthetic(self, asked: Scene, rng: np.random.Generator) -> str:
        own = self._programme.look or str(rng.choice(AESTHETICS))
        obeys = rng.random() < self._programme.follow
        return asked.aesthetic if asked.aesthetic is not None and obeys else own

    def _degraded(self, picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        blur, noise = self._programme.amounts["blur"], self._programme.amounts["noise"]
        if blur == 0 and noise == 0:
            return self._compressed(picture)
        rough = picture.astype(np.float32)
        if blur > 0:
            rough = np.asarray(cv2.GaussianBlur(rough, (0, 0), blur), np.float32)
        if noise > 0:
            rough = rough + 255 * noise * rng.standard_normal(rough.shape, dtype=np.float32)
        return self._compressed(np.rint(np.clip(rough, 0, 255)).astype(np.uint8))

    def _compressed(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self._programme.jpeg is None:
            return picture
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=self._programme.jpeg)
        return np.asarray(Image.open(file).convert("RGB"), np.uint8)

    def _rng(self, purpose: str, text: str, seed: int) -> np.random.Generator:
        """Randomness that purpose, prompt, seed and options decide, on every machine alike."""
        name = digest([purpose, text, seed, self._identity])
        return np.random.default_rng(int(name, 16))


def _sized(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def resolve(model: Model) -> Resolution:
    """There are no weights; the options are checked here so that a plan finds mistakes."""
    Programme.read(model)
    revision = hashlib.sha256(f"painter {VERSION}".encode()).hexdigest()
    return Resolution(revision=f"sha256:{revision}", location="built-in")


ENTRY = BackendEntry(
    name="painter",
    version=VERSION,
    resolve=resolve,
    implementation="evalharness.tinyworld.painter:Painter",
)
