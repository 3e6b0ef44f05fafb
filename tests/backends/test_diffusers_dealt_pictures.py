"""Pipelines that look at a picture while they paint: in batches only where each gets its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import Flux2KleinPipeline, QwenImageEditPipeline, QwenImageEditPlusPipeline
from PIL import Image

from evalharness.backends.diffusers import ENTRY
from evalharness.backends.diffusers.pipeline import DiffusersBackend
from evalharness.catalog.registry import load
from evalharness.core.nouns import InputPicture, Job, Model
from evalharness.core.outcomes import Answer, Picture, Status

from .edit_models import flux2_klein, qwen_edit

SIDE = 64
ALONE = "takes the pictures of one prompt at a time"


@pytest.fixture(scope="module", params=[QwenImageEditPipeline, QwenImageEditPlusPipeline])
def edits(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edits") / request.param.__name__
    qwen_edit(request.param, folder)
    return folder


def noise(seed: int) -> np.ndarray:
    """Dark for the seed 0, bright for 1."""
    shape = (SIDE, SIDE, 3)
    return np.random.default_rng(seed).integers(0, 128, shape, dtype=np.uint8) + np.uint8(
        127 * seed
    )


@pytest.fixture
def asked(tmp_path: Path, job: Callable[..., Job]) -> Callable[[int, str], Job]:
    def make(seed: int, text: str) -> Job:
        path = tmp_path / f"{seed}.png"
        Image.fromarray(noise(seed)).save(path)
        shown = InputPicture(hashlib.sha256(path.read_bytes()).hexdigest(), str(path))
        plain = replace(job(seed, text), settings={"steps": 2, "width": SIDE, "height": SIDE})
        return replace(plain, prompt=replace(plain.prompt, images=(shown,)))

    return make


def opened(model: Model) -> DiffusersBackend:
    settled = ENTRY.settle(model)
    backend: DiffusersBackend = load(ENTRY.implementation)(settled, ENTRY.resolve(settled))
    return backend


def answers(model: Model, jobs: Sequence[Job]) -> list[Answer]:
    with opened(model) as backend:
        return list(backend.generate(jobs))


def pixels(found: Sequence[Answer]) -> list[np.ndarray]:
    assert [(a.status, a.reason) for a in found] == [(Status.OK, "")] * len(found)
    return [a.media[0].pixels for a in found if isinstance(a.media[0], Picture)]


def test_qwens_edits_are_the_bare_pipelines_in_whatever_batches_it_takes(
    edits: Path, model: Callable[..., Model], asked: Callable[[int, str], Job]
) -> None:
    jobs = [asked(0, "make it red"), asked(1, "now blue, please")]
    found = answers(model(edits, placement={"batch_size": 2}), jobs)
    one, other = pixels(found)
    assert not np.array_equal(one, other)
    kind = QwenImageEditPipeline if edits.name.endswith("EditPipeline") else None
    bare = (kind or QwenImageEditPlusPipeline).from_pretrained(edits, use_safetensors=True)
    bare.set_progress_bar_config(disable=True)
    batches = [[0, 1]] if kind else [[0], [1]]
    assert [a.batch_size for a in found] == [len(batches[0])] * 2
    assert [any(ALONE in note for note in a.notes) for a in found] == [kind is None] * 2
    expected = []
    for batch in batches:
        out = bare(
            prompt=[jobs[i].text for i in batch],
            image=[Image.fromarray(noise(i)) for i in batch],
            width=SIDE,
            height=SIDE,
            num_inference_steps=2,
            generator=[torch.Generator("cpu").manual_seed(i) for i in batch],
        )
        expected += [np.asarray(image) for image in out.images]
    np.testing.assert_array_equal([one, other], expected)


def test_qwens_edit_depends_on_its_picture(
    edits: Path, model: Callable[..., Model], asked: Callable[[int, str], Job]
) -> None:
    first, second = asked(0, "make it red"), asked(1, "make it red")
    shown = replace(first, key="other", prompt=replace(first.prompt, images=second.prompt.images))
    found = pixels(answers(model(edits, placement={"batch_size": 1}), [first, shown]))
    assert not np.array_equal(*found)


def test_too_little_memory_for_two_says_nothing_of_what_a_pipeline_takes(
    edits: Path,
    model: Callable[..., Model],
    asked: Callable[[int, str], Job],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs = [asked(i, "make it red") for i in range(2)]
    shorter = [
        replace(one, key=f"{one.key} 1", settings={**one.settings, "steps": 1}) for one in jobs
    ]
    alone = answers(model(edits, placement={"batch_size": 1}), jobs)
    tried = []
    with opened(model(edits, placement={"batch_size": 2})) as backend:
        assert backend._runner is not None
        kind = type(backend._runner._pipe)
        call = kind.__call__

        def limited(pipe: Any, *more: Any, **named: Any) -> Any:
            tried.append(len(named["prompt"]))
            if len(named["prompt"]) > 1:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 7 GiB")
            return call(pipe, *more, **named)

        monkeypatch.setattr(kind, "__call__", limited)
        found = list(backend.generate(jobs))
        again = list(backend.generate(jobs))
        monkeypatch.undo()
        later = list(backend.generate(shorter))
    assert tried == [1, 2, *[1] * 4]  # it is found out once for each shape
    for answer in (*found, *again):
        assert (answer.batch_size, answer.notes) == (1, ("batch reduced from 2 to 1 for memory",))
    np.testing.assert_array_equal(pixels(found), pixels(alone))
    takes_one = kind is QwenImageEditPlusPipeline
    assert [a.batch_size for a in later] == [1 if takes_one else 2] * 2
    assert [any(ALONE in note for note in a.notes) for a in later] == [takes_one] * 2


def test_pictures_that_are_gone_do_not_settle_how_many_others_are_answered_at_once(
    edits: Path, model: Callable[..., Model], asked: Callable[[int, str], Job]
) -> None:
    jobs = [asked(i, "make it red") for i in range(2)]
    shown = replace(jobs[0].prompt.images[0], path="gone.png")
    gone = replace(jobs[0], key="gone", prompt=replace(jobs[0].prompt, images=(shown,)))
    with opened(model(edits, placement={"batch_size": 2})) as backend:
        (failed,) = backend.generate([gone])
        found = list(backend.generate(jobs))
    assert failed.status is Status.FAILED
    takes_one = edits.name.endswith("PlusPipeline")
    assert [a.batch_size for a in found] == [1 if takes_one else 2] * 2


def test_a_pipeline_that_would_take_all_pictures_for_each_prompt_is_given_one_prompt_at_a_time(
    tmp_path: Path, model: Callable[..., Model], asked: Callable[[int, str], Job]
) -> None:
    flux2_klein(tmp_path / "klein")
    more = {"steps": 2, "text_encoder_out_layers": [1, 2, 3], "max_sequence_length": 32}
    settings = {"width": SIDE, "height": SIDE, **more}
    jobs = [replace(asked(i, "make it red"), settings=settings) for i in range(2)]
    words = [
        replace(job, key=f"{i}", prompt=replace(job.prompt, images=()))
        for i, job in enumerate(jobs)
    ]
    found = answers(model(tmp_path / "klein", placement={"batch_size": 2}), [*jobs, *words])
    assert [a.batch_size for a in found] == [1, 1, 2, 2]
    assert [any(ALONE in note for note in a.notes) for a in found] == [True, True, False, False]
    bare = Flux2KleinPipeline.from_pretrained(tmp_path / "klein", use_safetensors=True)
    bare.set_progress_bar_config(disable=True)
    alone = [
        bare(
            prompt=["make it red"],
            image=[Image.fromarray(noise(i))],
            width=SIDE,
            height=SIDE,
            num_inference_steps=2,
            text_encoder_out_layers=[1, 2, 3],
            max_sequence_length=32,
            generator=[torch.Generator("cpu").manual_seed(i)],
        ).images[0]
        for i in range(2)
    ]
    np.testing.assert_array_equal(pixels(found[:2]), [np.asarray(image) for image in alone])
    others = {p.tobytes() for p in pixels(found)}
    assert len(others) == 4
