from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDPMPipeline, DDPMScheduler, StableDiffusionPipeline, UNet2DModel
from diffusers.image_processor import VaeImageProcessor
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPImageProcessor

from evalharness.backends.diffusers import ENTRY
from evalharness.backends.diffusers.batches import as_pictures, quantise
from evalharness.backends.diffusers.pipeline import DiffusersBackend
from evalharness.catalog.registry import load
from evalharness.core.errors import BadInputError, MissingWeightsError, UnknownNameError
from evalharness.core.nouns import Adapter, Job, Model
from evalharness.core.outcomes import Answer, Picture, Status

MakeModel = Callable[..., Model]
MakeJob = Callable[..., Job]
Tiny = Callable[[str], Path]


@contextmanager
def opened(model: Model) -> Iterator[DiffusersBackend]:
    settled = ENTRY.settle(model)
    with load(ENTRY.implementation)(settled, ENTRY.resolve(settled)) as backend:
        yield backend


def pixels(answers: Sequence[Answer]) -> list[np.ndarray]:
    assert [(a.status, a.reason) for a in answers] == [(Status.OK, "")] * len(answers)
    return [a.media[0].pixels for a in answers if isinstance(a.media[0], Picture)]


def pipe_of(backend: DiffusersBackend) -> Any:
    assert backend._runner is not None
    return backend._runner._pipe


def generated(model: Model, jobs: Sequence[Job]) -> list[Answer]:
    with opened(model) as backend:
        return list(backend.generate(jobs))


@pytest.mark.parametrize("name", ["sd1", "sdxl", "sd3", "flux", "pixart"])
def test_pixels_depend_on_seed_and_prompt_never_on_the_batch(
    tiny: Tiny, model: MakeModel, job: MakeJob, name: str
) -> None:
    own = {"use_resolution_binning": False} if name == "pixart" else {}
    jobs = [job(seed, f"a red cube {seed // 2}", **own) for seed in (0, 1, 2, 3, 2, 4)]
    with opened(model(tiny(name), placement={"batch_size": 3})) as backend:
        together = list(backend.generate(jobs))
        alone = [next(backend.generate([j])) for j in jobs]
        backward = list(backend.generate(jobs[::-1]))[::-1]
        assert type(pipe_of(backend)).__name__.startswith(
            {"sd1": "StableDiffusionPipe", "sdxl": "StableDiffusionXLPipe"}.get(name, "")
        )
    assert [a.job_key for a in together] == [j.key for j in jobs]
    assert [a.padded for a in together + alone] == [False] * 6 + [True] * 6
    assert {a.batch_size for a in together + alone} == {3}
    first = pixels(together)
    assert first[0].shape == (16, 16, 3) and first[0].dtype == np.uint8
    for other in (alone, backward):
        assert all(np.array_equal(a, b) for a, b in zip(first, pixels(other), strict=True))
    assert np.array_equal(first[2], first[4])
    assert not np.array_equal(first[2], first[3])


def test_a_second_opening_gives_the_same_pixels_as_the_bare_pipeline(
    tiny: Tiny, model: MakeModel, job: MakeJob
) -> None:
    jobs = [job(seed) for seed in range(2)]
    ours = pixels(generated(model(tiny("sd1"), placement={"batch_size": 2}), jobs))
    bare = StableDiffusionPipeline.from_pretrained(tiny("sd1"), use_safetensors=True)
    bare.set_progress_bar_config(disable=True)
    out = bare(
        ["a red cube"] * 2,
        num_inference_steps=2,
        guidance_scale=3.0,
        width=16,
        height=16,
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in range(2)],
    )
    assert all(np.array_equal(a, np.asarray(b)) for a, b in zip(ours, out.images, strict=True))


def test_timings_memory_and_device(tiny: Tiny, model: MakeModel, job: MakeJob) -> None:
    (answer,) = generated(model(tiny("sd1")), [job()])
    assert answer.duration_s > 0
    assert answer.device == "cpu"
    assert answer.peak_memory_bytes is not None and answer.peak_memory_bytes >= 0
    assert answer.batch_size == 4


def test_jobs_are_grouped_by_settings_and_negative(
    tiny: Tiny, model: MakeModel, job: MakeJob
) -> None:
    jobs = [job(0), job(0, steps=3), job(0, negative="blue"), job(1)]
    answers = generated(model(tiny("sd1"), placement={"batch_size": 2}), jobs)
    assert [a.job_key for a in answers] == [jobs[i].key for i in (0, 3, 1, 2)]
    assert [a.padded for a in answers] == [False, False, True, True]
    found = {picture.tobytes() for picture in pixels(answers)}
    assert len(found) == 4


def test_a_pipeline_without_negative_prompt_says_so(
    tiny: Tiny, model: MakeModel, job: MakeJob
) -> None:
    folder = tiny("flux")
    with opened(model(folder)) as backend:
        del backend._runner.signature.defaults["negative_prompt"]
        (answer,) = backend.generate([job(negative="blue")])
    assert answer.status is Status.OK
    assert "takes no negative prompt" in answer.notes[0]


def test_unknown_settings_name_the_known(tiny: Tiny, model: MakeModel, job: MakeJob) -> None:
    with opened(model(tiny("sd1"))) as backend:
        with pytest.raises(BadInputError, match=r"no setting 'stepz'.* guidance, .* steps, "):
            list(backend.generate([job(), job(stepz=3)]))
        with pytest.raises(BadInputError, match="no setting 'generator'"):
            list(backend.generate([job(generator=3)]))


def test_schedulers(tiny: Tiny, model: MakeModel, job: MakeJob) -> None:
    changes = [
        {},
        {"scheduler": "EulerAncestralDiscreteScheduler"},
        {
            "scheduler": "DPMSolverMultistepScheduler",
            "scheduler_config": {"use_karras_sigmas": True},
        },
        {"scheduler_config": {"timestep_spacing": "trailing"}},
    ]
    with opened(model(tiny("sd1"), placement={"batch_size": 1})) as backend:
        found = [pixels(list(backend.generate([job(steps=4, **c)])))[0] for c in changes]
        again = [pixels(list(backend.generate([job(steps=4, **c)])))[0] for c in changes]
        with pytest.raises(UnknownNameError, match="Did you mean 'EulerDiscreteScheduler'"):
            list(backend.generate([job(scheduler="EulerDiscreteSheduler")]))
    assert all(np.array_equal(a, b) for a, b in zip(found, again, strict=True))
    assert len({f.tobytes() for f in found}) == len(changes)


def test_bfloat16(tiny: Tiny, model: MakeModel, job: MakeJob) -> None:
    with opened(model(tiny("sd1"), options={"dtype": "bfloat16"})) as backend:
        assert pipe_of(backend).unet.dtype is torch.bfloat16
        half = pixels(list(backend.generate([job()])))[0].astype(int)
    full = pixels(generated(model(tiny("sd1")), [job()]))[0].astype(int)
    assert 0 < np.abs(half - full).max() < 40


def lora(folder: Path, target: Path, seed: int) -> Path:
    pipe = StableDiffusionPipeline.from_pretrained(folder, use_safetensors=True)
    pipe.unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_k", "to_v"]))
    torch.manual_seed(seed)
    layers = get_peft_model_state_dict(pipe.unet)
    layers = {name: torch.randn_like(weight) for name, weight in layers.items()}
    pipe.save_lora_weights(target, unet_lora_layers=layers)
    return target


def test_adapters_change_pixels_by_their_weight(
    tiny: Tiny, model: MakeModel, job: MakeJob, tmp_path: Path
) -> None:
    folders = [str(lora(tiny("sd1"), tmp_path / f"lora{seed}", seed)) for seed in (1, 2)]

    def picture(*weights: float) -> bytes:
        used = tuple(Adapter(f, weight=w) for f, w in zip(folders, weights, strict=False))
        return pixels(generated(model(tiny("sd1"), adapters=used), [job()]))[0].tobytes()

    assert len({picture(), picture(1.0), picture(0.3), picture(1.0, 1.0)}) == 4
    assert picture(1.0, 0.0) == picture(1.0)


def test_an_adapter_for_another_architecture_is_refused(
    tiny: Tiny, model: MakeModel, tmp_path: Path
) -> None:
    (file,) = lora(tiny("sd1"), tmp_path / "lora", 1).glob("*.safetensors")
    renamed = {f"transformer{k.removeprefix('unet')}": w for k, w in load_file(file).items()}
    save_file(renamed, file)
    with pytest.raises(BadInputError, match="fits no part of StableDiffusionPipeline"):
        generated(model(tiny("sd1"), adapters=(Adapter(str(file)),)), [])


def test_nan_weights_are_nonfinite(
    tiny: Tiny, model: MakeModel, job: MakeJob, tmp_path: Path
) -> None:
    pipe = StableDiffusionPipeline.from_pretrained(tiny("sd1"), use_safetensors=True)
    word = pipe.tokenizer("z", add_special_tokens=False)["input_ids"][0]
    with torch.no_grad():
        pipe.text_encoder.get_input_embeddings().weight[word] = float("nan")
    pipe.save_pretrained(tmp_path / "nan")
    jobs = [job(0, "a"), job(1, "a z"), job(2, "b")]
    good, bad, fine = generated(model(tmp_path / "nan"), jobs)
    assert (bad.status, bad.media) == (Status.NONFINITE, ())
    assert "latents are not finite" in bad.reason
    healthy = generated(model(tiny("sd1")), jobs)
    assert np.array_equal(pixels([good])[0], pixels([healthy[0]])[0])
    assert np.array_equal(pixels([fine])[0], pixels([healthy[2]])[0])


def test_a_nan_decoder_is_nonfinite(
    tiny: Tiny, model: MakeModel, job: MakeJob, tmp_path: Path
) -> None:
    pipe = StableDiffusionPipeline.from_pretrained(tiny("sd1"), use_safetensors=True)
    with torch.no_grad():
        pipe.vae.decoder.conv_out.bias.fill_(float("nan"))
    pipe.save_pretrained(tmp_path / "nan")
    (answer,) = generated(model(tmp_path / "nan"), [job()])
    assert answer.status is Status.NONFINITE
    assert "decoded pixels are not finite" in answer.reason


@pytest.mark.parametrize("threshold", [-9.0, 9.0])
def test_the_safety_checkers_blanks_are_filtered(
    tiny: Tiny, model: MakeModel, job: MakeJob, tmp_path: Path, threshold: float
) -> None:
    pipe = StableDiffusionPipeline.from_pretrained(tiny("sd1"), use_safetensors=True)
    side = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    vision = {**side, "image_size": 16, "patch_size": 8, "num_attention_heads": 2}
    checker = StableDiffusionSafetyChecker(
        CLIPConfig(vision_config=vision, text_config=side, projection_dim=16)
    )
    with torch.no_grad():
        checker.concept_embeds_weights.fill_(threshold)
        checker.special_care_embeds_weights.fill_(threshold)
    processor = CLIPImageProcessor(
        size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}
    )
    checked = StableDiffusionPipeline(
        **{**pipe.components, "safety_checker": checker, "feature_extractor": processor}
    )
    checked.save_pretrained(tmp_path / "checked")
    (answer,) = generated(model(tmp_path / "checked"), [job()])
    if threshold < 0:
        assert (answer.status, answer.media) == (Status.FILTERED, ())
        assert "safety checker" in answer.reason
    else:
        assert pixels([answer])


def test_out_of_memory_halves_the_batch_and_records_it(
    tiny: Tiny, model: MakeModel, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [job(seed) for seed in range(5)]
    small = pixels(generated(model(tiny("sd1"), placement={"batch_size": 2}), jobs))
    with opened(model(tiny("sd1"), placement={"batch_size": 8})) as backend:
        limit_batch(backend, monkeypatch, 2)
        answers = list(backend.generate(jobs))
        later = list(backend.generate([job(9)]))
    assert {a.batch_size for a in answers + later} == {2}
    assert [a.padded for a in answers] == [False] * 4 + [True]
    assert answers[0].notes == ("batch reduced from 8 to 2 for memory",)
    assert all(np.array_equal(a, b) for a, b in zip(small, pixels(answers), strict=True))


def limit_batch(backend: DiffusersBackend, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    unet = pipe_of(backend).unet
    forward = unet.forward

    def limited(latents: torch.Tensor, *more: Any, **named: Any) -> Any:
        if len(latents) > 2 * most:  # twice: with and without the prompt, for guidance
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 7 GiB")
        return forward(latents, *more, **named)

    monkeypatch.setattr(unet, "forward", limited)


def test_out_of_memory_at_one_is_that_jobs_status(
    tiny: Tiny, model: MakeModel, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(model(tiny("sd1"))) as backend:
        limit_batch(backend, monkeypatch, 0)
        answers = list(backend.generate([job(0), job(1)]))
        monkeypatch.undo()
        (after,) = backend.generate([job(2)])
    assert [a.status for a in answers] == [Status.OOM] * 2
    assert "Tried to allocate" in answers[0].reason
    assert (after.status, after.batch_size) == (Status.OK, 1)


def test_one_bad_job_leaves_its_batch_mates_alone(
    tiny: Tiny, model: MakeModel, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [job(0, "a"), job(1, "bad"), job(2, "b"), job(3, "c"), job(4, "d")]
    healthy = pixels(generated(model(tiny("sd1")), jobs))
    with opened(model(tiny("sd1"))) as backend:
        pipe = pipe_of(backend)
        encode = pipe.encode_prompt

        def picky(prompt: list[str], *more: Any, **named: Any) -> Any:
            if "bad" in prompt:
                raise ValueError("no such word")
            return encode(prompt, *more, **named)

        monkeypatch.setattr(pipe, "encode_prompt", picky)
        answers = list(backend.generate(jobs))
    assert [a.job_key for a in answers] == [j.key for j in jobs]
    assert (answers[1].status, answers[1].reason) == (Status.FAILED, "ValueError: no such word")
    fine = [answers[i] for i in (0, 2, 3, 4)]
    assert ["alone" in "".join(a.notes) for a in fine] == [True, True, True, False]
    kept = [healthy[i] for i in (0, 2, 3, 4)]
    assert all(np.array_equal(a, b) for a, b in zip(kept, pixels(fine), strict=True))


def test_a_broken_device_is_raised(
    tiny: Tiny, model: MakeModel, job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered")

    with opened(model(tiny("sd1"))) as backend:
        monkeypatch.setattr(pipe_of(backend).unet, "forward", broken)
        with pytest.raises(RuntimeError, match="device-side assert"):
            list(backend.generate([job()]))


def test_words_cut_off_are_noted(tiny: Tiny, model: MakeModel, job: MakeJob) -> None:
    long = "cube " * 30 + "yellow"
    (answer,) = generated(model(tiny("sd1")), [job(text=long)])
    (note,) = answer.notes
    assert note.startswith("tokenizer cut off: ") and note.endswith("yellow")
    assert len(note) < len(long)
    for_t5, short = job(text="red cube", max_sequence_length=6), job(text="red")
    with opened(model(tiny("flux"))) as backend:
        cut, whole = backend.generate([for_t5, short])
    assert cut.notes == ("tokenizer_2 cut off: cube",)
    assert whole.notes == ()


def test_release_frees_the_weights(tiny: Tiny, model: MakeModel, job: MakeJob) -> None:
    with opened(model(tiny("sd1"))) as backend:
        list(backend.generate([job()]))
        weights = weakref.ref(pipe_of(backend).unet)
        assert weights() is not None
    assert weights() is None
    with pytest.raises(BadInputError, match="not open"):
        list(backend.generate([job()]))


def test_damaged_weights_are_a_clear_error(tiny: Tiny, model: MakeModel, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny("sd1"), tmp_path / "damaged")
    (file,) = (folder / "unet").glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(BadInputError, match=r"'tiny' at .*damaged could not be loaded"):
        generated(model(folder), [])


def test_a_cached_hub_model_runs_at_its_commit(
    tiny: Tiny, model: MakeModel, job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--org--name"
    shutil.copytree(tiny("sd1"), repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text(commit)
    asked = model("org/name")
    assert ENTRY.resolve(asked).revision == commit
    local = pixels(generated(model(tiny("sd1")), [job()]))
    assert np.array_equal(pixels(generated(asked, [job()]))[0], local[0])


def test_a_variant_is_loaded_when_asked_for(
    tiny: Tiny, model: MakeModel, job: MakeJob, tmp_path: Path
) -> None:
    pipe = StableDiffusionPipeline.from_pretrained(tiny("sd1"), use_safetensors=True)
    pipe.save_pretrained(tmp_path / "v", variant="fp16")
    options = {"dtype": "float32", "variant": "fp16"}
    assert pixels(generated(model(tmp_path / "v", options=options), [job()]))
    with pytest.raises(MissingWeightsError, match="there are variants: fp16"):
        generated(model(tmp_path / "v"), [])


def test_a_pipeline_without_prompts_is_refused(model: MakeModel, tmp_path: Path) -> None:
    unet = UNet2DModel(
        sample_size=8,
        block_out_channels=(8, 8),
        down_block_types=("DownBlock2D",) * 2,
        up_block_types=("UpBlock2D",) * 2,
        norm_num_groups=2,
    )
    DDPMPipeline(unet, DDPMScheduler()).save_pretrained(tmp_path / "ddpm")
    with pytest.raises(BadInputError, match="DDPMPipeline takes no prompt"):
        generated(model(tmp_path / "ddpm"), [])


def test_quantisation_without_its_library_or_gpu(tiny: Tiny, model: MakeModel) -> None:
    asked = model(tiny("sd1"), options={"dtype": "float32", "quantisation": "nf4"})
    with pytest.raises(BadInputError, match=r"bitsandbytes_4bit needs"):
        generated(asked, [])
    unknown = model(tiny("sd1"), options={"quantisation": "nf5", "dtype": "float32"})
    with pytest.raises(UnknownNameError, match="nf4"):
        generated(unknown, [])


def test_a_device_that_is_not_there(tiny: Tiny, model: MakeModel) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(BadInputError, match="'cuda', which torch does not find"):
        generated(model(tiny("sd1"), placement={"device": "cuda"}), [])


@given(
    arrays.arrays(
        np.float32, (1, 3, 5, 3), elements=st.floats(0, 1, width=32, allow_subnormal=False)
    )
)
def test_quantise_equals_diffusers_own_conversion(images: np.ndarray) -> None:
    (expected,) = VaeImageProcessor.numpy_to_pil(images)
    assert np.array_equal(quantise(images)[0], np.asarray(expected))


def test_grey_becomes_rgb_and_other_shapes_fail() -> None:
    assert as_pictures(np.zeros((2, 4, 4, 1), np.float32)).shape == (2, 4, 4, 3)
    with pytest.raises(ValueError, match="shape"):
        as_pictures(np.zeros((2, 5, 4, 4, 3), np.float32))
