from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import (
    FluxKontextPipeline,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionInstructPix2PixPipeline,
)
from PIL import Image

from evalharness.backends.diffusers import ENTRY
from evalharness.catalog.registry import load
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import InputPicture, Job, Model
from evalharness.core.outcomes import Answer, Picture, Status

from .conftest import clip_text, clip_tokenizer, ddim, flux, unet, vae

MakeModel = Callable[..., Model]
MakeJob = Callable[..., Job]
Tiny = Callable[[str], Path]


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., InputPicture]:
    def make(name: str, pixels: np.ndarray) -> InputPicture:
        path = tmp_path / f"{name}.png"
        Image.fromarray(pixels).save(path)
        return InputPicture(hashlib.sha256(path.read_bytes()).hexdigest(), str(path))

    return make


def noise(seed: int, width: int = 16, height: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def left_half() -> np.ndarray:
    mask = np.zeros((16, 16, 3), np.uint8)
    mask[:, :8] = 255
    return mask


def with_pictures(job: Job, *pictures: InputPicture) -> Job:
    key = "/".join((job.key, *(p.sha256 for p in pictures)))
    return replace(job, key=key, prompt=replace(job.prompt, images=pictures))


def answers(model: Model, jobs: Sequence[Job]) -> list[Answer]:
    settled = ENTRY.settle(model)
    with load(ENTRY.implementation)(settled, ENTRY.resolve(settled)) as backend:
        return list(backend.generate(jobs))


def pixels(found: Sequence[Answer]) -> list[np.ndarray]:
    assert [(a.status, a.reason) for a in found] == [(Status.OK, "")] * len(found)
    return [a.media[0].pixels for a in found if isinstance(a.media[0], Picture)]


def equal(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("name", ["sd1", "sdxl", "sd3", "flux"])
def test_an_edit_depends_on_the_picture_and_the_strength_never_on_the_batch(
    tiny: Tiny, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture], name: str
) -> None:
    one, other = picture("one", noise(1)), picture("other", noise(2))
    plain = job(0, steps=4, strength=0.5)
    jobs = [
        with_pictures(plain, one),
        with_pictures(plain, other),
        with_pictures(job(1, steps=4, strength=0.5), one),
    ]
    strong = with_pictures(job(0, steps=4, strength=1.0), one)
    tiny_model = model(tiny(name), placement={"batch_size": 3})
    found = pixels(answers(tiny_model, jobs))
    assert found[0].shape == (16, 16, 3)
    assert len({f.tobytes() for f in found}) == 3
    assert not equal(found[:1], pixels(answers(tiny_model, [strong])))
    assert equal(found[:1], pixels(answers(tiny_model, jobs[:1])))
    assert equal(found[::-1], pixels(answers(tiny_model, jobs[::-1])))


def test_an_edit_is_the_bare_pipelines_and_a_text_prompts_answer_stays(
    tiny: Tiny, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    tiny_model = model(tiny("sd1"), placement={"batch_size": 2})
    edits = [with_pictures(job(s), picture(str(s), noise(s, 40, 24))) for s in range(2)]
    words = [job(s) for s in range(2)]
    found = pixels(answers(tiny_model, [*edits, *words]))
    assert equal(found[2:], pixels(answers(tiny_model, words)))
    bare = StableDiffusionImg2ImgPipeline.from_pretrained(tiny("sd1"), use_safetensors=True)
    bare.set_progress_bar_config(disable=True)
    images = [Image.fromarray(noise(s, 40, 24)).resize((16, 16), Image.LANCZOS) for s in range(2)]
    out = bare(
        ["a red cube"] * 2,
        image=images,
        num_inference_steps=2,
        guidance_scale=3.0,
        generator=[torch.Generator("cpu").manual_seed(s) for s in range(2)],
    )
    assert equal(found[:2], [np.asarray(i) for i in out.images])


def test_without_width_and_height_the_answer_has_the_pictures_size_to_a_multiple_of_eight(
    tiny: Tiny, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    own = replace(job(), settings={"steps": 2})
    jobs = [
        with_pictures(own, picture("wide", noise(1, 41, 23))),
        with_pictures(own, picture("small", noise(2, 3, 17))),
        with_pictures(
            replace(own, settings={"steps": 2, "width": 32}), picture("third", noise(3, 41, 23))
        ),
    ]
    found = pixels(answers(model(tiny("sd1")), jobs))
    assert [f.shape[:2] for f in found] == [(24, 40), (16, 8), (24, 32)]


def test_a_second_picture_is_the_region_to_paint_as_in_the_bare_pipeline(
    tiny: Tiny, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    before = picture("before", noise(1))
    masks = {
        "left": left_half(),
        "none": np.zeros((16, 16, 3), np.uint8),
        "all": np.full((16, 16, 3), 255, np.uint8),
    }
    regions = {name: picture(name, mask) for name, mask in masks.items()}

    def painted(region: str, text: str = "a red cube") -> list[np.ndarray]:
        chosen = with_pictures(job(0, text), before, regions[region])
        return pixels(answers(model(tiny("sd1"), placement={"batch_size": 1}), [chosen]))

    assert equal(painted("none"), painted("none", "a blue ball, far away"))
    assert not equal(painted("all"), painted("all", "a blue ball, far away"))
    bare = StableDiffusionInpaintPipeline.from_pretrained(tiny("sd1"), use_safetensors=True)
    bare.set_progress_bar_config(disable=True)
    out = bare(
        ["a red cube"],
        image=[Image.fromarray(noise(1))],
        mask_image=[Image.fromarray(masks["left"]).convert("L")],
        width=16,
        height=16,
        num_inference_steps=2,
        guidance_scale=3.0,
        generator=[torch.Generator("cpu").manual_seed(0)],
    )
    assert equal(painted("left"), [np.asarray(out.images[0])])


def test_a_mask_can_be_kept_from_the_model(
    tiny: Tiny, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    before, region = picture("before", noise(1)), picture("left", left_half())
    shown, hidden = job(0, strength=0.9, steps=4), job(0, strength=0.9, steps=4, mask=False)
    jobs = [
        with_pictures(shown, before, region),
        with_pictures(replace(hidden, key="hidden"), before, region),
        with_pictures(shown, before),
    ]
    inside, everywhere, without = pixels(answers(model(tiny("sd1")), jobs))
    assert not np.array_equal(inside, everywhere)
    np.testing.assert_array_equal(everywhere, without)
    wrong = with_pictures(job(0, mask="no"), before, region)
    with pytest.raises(BadInputError, match="'mask' is 'no'; expected true or false"):
        answers(model(tiny("sd1")), [wrong])


def test_an_instruction_editing_pipeline_takes_the_picture_itself(
    tmp_path: Path, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    torch.manual_seed(0)
    StableDiffusionInstructPix2PixPipeline(
        vae(),
        clip_text(),
        clip_tokenizer(),
        unet(16, in_channels=8, out_channels=4),
        ddim(),
        None,
        None,
        requires_safety_checker=False,
    ).save_pretrained(tmp_path / "edits")
    one, other = picture("one", noise(1)), picture("other", noise(2))
    jobs = [with_pictures(job(), one), with_pictures(job(), other), job(1)]
    found = answers(model(tmp_path / "edits"), jobs)
    assert not equal(pixels(found[:1]), pixels(found[1:2]))
    assert found[2].status is Status.FAILED
    assert "image" in found[2].reason


@pytest.fixture
def kontext(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    like = flux().components
    FluxKontextPipeline(**like).save_pretrained(tmp_path / "kontext")
    return tmp_path / "kontext"


def test_kontext_takes_the_picture_without_a_strength_and_words_alone(
    kontext: Path, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    one, other = picture("one", noise(1)), picture("other", noise(2))
    own = job(_auto_resize=False)  # else the picture shown to it is enlarged to a megapixel
    jobs = [with_pictures(own, one), with_pictures(own, other), own]
    found = pixels(answers(model(kontext, placement={"batch_size": 2}), jobs))
    assert [f.shape for f in found] == [(16, 16, 3)] * 3
    assert len({f.tobytes() for f in found}) == 3
    assert equal(found[:1], pixels(answers(model(kontext, placement={"batch_size": 2}), jobs[:1])))
    bare = FluxKontextPipeline.from_pretrained(kontext, use_safetensors=True)
    bare.set_progress_bar_config(disable=True)
    out = bare(
        prompt=["a red cube"] * 2,
        image=[Image.fromarray(noise(1))] * 2,
        width=16,
        height=16,
        max_area=256,
        _auto_resize=False,
        num_inference_steps=2,
        guidance_scale=3.0,
        generator=[torch.Generator("cpu").manual_seed(0) for _ in range(2)],
    )
    assert equal(found[:1], [np.asarray(out.images[0])])


def test_kontext_keeps_the_proportions_in_its_own_area_where_no_size_is_set(
    kontext: Path, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    own = replace(job(), settings={"steps": 1, "_auto_resize": False, "max_area": 32 * 32})
    wide = with_pictures(own, picture("wide", noise(1, 64, 16)))
    [found] = pixels(answers(model(kontext, placement={"batch_size": 1}), [wide]))
    assert found.shape == (16, 64, 3)


def test_a_region_is_told_to_be_too_much_for_kontext_or_kept_from_it(
    kontext: Path, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    both = picture("before", noise(1)), picture("left", left_half())
    shown = with_pictures(job(_auto_resize=False), *both)
    hidden = replace(with_pictures(job(_auto_resize=False, mask=False), *both), key="hidden")
    found = answers(model(kontext, placement={"batch_size": 1}), [shown, hidden])
    told = {answer.job_key: answer for answer in found}
    assert told["hidden"].status is Status.OK
    assert told[shown.key].status is Status.FAILED
    assert "has no form for a prompt with 2 pictures" in told[shown.key].reason


def test_a_pipeline_without_such_a_form_fails_those_jobs_and_answers_the_others(
    tiny: Tiny, model: MakeModel, job: MakeJob, picture: Callable[..., InputPicture]
) -> None:
    own = {"use_resolution_binning": False}
    one = picture("one", noise(1))
    found = answers(model(tiny("pixart")), [with_pictures(job(**own), one), job(**own)])
    assert [a.status for a in found] == [Status.FAILED, Status.OK]
    assert "has no form for a prompt with 1 picture" in found[0].reason
    (three,) = answers(model(tiny("sd1")), [with_pictures(job(), one, one, one)])
    assert three.status is Status.FAILED
    assert "a picture and a mask are the most" in three.reason


@pytest.mark.parametrize("sized", [True, False])
def test_a_missing_or_changed_picture_is_told_and_the_others_are_answered(
    tiny: Tiny,
    model: MakeModel,
    job: MakeJob,
    picture: Callable[..., InputPicture],
    sized: bool,
) -> None:
    chosen = job() if sized else replace(job(), settings={"steps": 2})
    kept, gone, changed = (picture(n, noise(i)) for i, n in enumerate(("kept", "gone", "changed")))
    Path(gone.path).unlink()
    picture("changed", noise(9))
    jobs = [with_pictures(chosen, one) for one in (kept, gone, changed)]
    found = {a.job_key: a for a in answers(model(tiny("sd1")), jobs)}
    assert [found[j.key].status for j in jobs] == [Status.OK, Status.FAILED, Status.FAILED]
    assert "cannot be read" in found[jobs[1].key].reason
    assert "its bytes changed since" in found[jobs[2].key].reason


def test_strength_is_a_setting_of_prompts_with_pictures_only(
    tiny: Tiny, model: MakeModel, job: MakeJob
) -> None:
    with pytest.raises(BadInputError, match="no setting 'strength'"):
        answers(model(tiny("sd1")), [job(strength=0.5)])
