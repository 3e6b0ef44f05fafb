"""Forms of an offloaded pipeline: what can be seen without an accelerator, on the CPU as one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate.hooks import AlignDevicesHook, CpuOffload, SequentialHook
from diffusers import StableDiffusionPipeline
from PIL import Image

from evalharness.backends.device.attempts import Failure
from evalharness.backends.device.meters import Meter
from evalharness.backends.diffusers.batches import Runner
from evalharness.backends.diffusers.forms import Forms
from evalharness.core.nouns import Job

CPU = torch.device("cpu")
PARTS = ("text_encoder", "unet", "vae")
SHOWN = {"image": [Image.new("RGB", (16, 16), (200, 30, 90))]}
MASKED = {**SHOWN, "mask_image": [Image.new("L", (16, 16), 255)]}


def load(folder: Path) -> Any:
    pipe = StableDiffusionPipeline.from_pretrained(folder, use_safetensors=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def form(forms: Forms, pictures: int) -> Any:
    runner = forms.find(pictures)
    assert isinstance(runner, Runner), runner
    return runner._pipe


def painted(pipe: Any, **shown: Any) -> np.ndarray:
    chosen = {"num_inference_steps": 2, "output_type": "np", "strength": 1.0, **shown}
    if not shown:
        chosen |= {"width": 16, "height": 16}
        chosen.pop("strength")
    out = pipe(prompt=["a"], generator=[torch.Generator("cpu").manual_seed(0)], **chosen)
    return np.asarray(out.images)


@pytest.mark.parametrize(("pictures", "shown"), [(1, SHOWN), (2, MASKED)])
def test_models_are_sent_back_after_an_edit_and_hooked_once(
    tiny: Callable[[str], Path], pictures: int, shown: dict[str, Any]
) -> None:
    plain = Forms(load(tiny("sd1")), Meter(CPU))
    words, edited = painted(form(plain, 0)), painted(form(plain, pictures), **shown)
    loaded = load(tiny("sd1"))
    loaded.enable_model_cpu_offload(device=CPU)
    forms = Forms(loaded, Meter(CPU))
    other = form(forms, pictures)
    assert other is not loaded
    assert len(other._all_hooks) == len(PARTS)
    for turn in (other, loaded, other, other, loaded, loaded):
        found = painted(turn) if turn is loaded else painted(turn, **shown)
        np.testing.assert_array_equal(found, words if turn is loaded else edited)
        hooks = [getattr(loaded, part)._hf_hook for part in PARTS]
        # one each, those of the pipeline that was called: it has sent its models back by them
        assert [type(hook) for hook in hooks] == [CpuOffload] * len(PARTS)
        assert {id(hook) for hook in hooks} == {id(one.hook) for one in turn._all_hooks}
    forms.close()
    assert not any(hasattr(getattr(loaded, part), "_hf_hook") for part in PARTS)


def test_a_call_that_breaks_off_sends_its_models_back(
    tiny: Callable[[str], Path], job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load(tiny("sd1"))
    loaded.enable_model_cpu_offload(device=CPU)
    runner = Forms(loaded, Meter(CPU)).loaded
    asked, before = job(), list(loaded._all_hooks)

    def break_off(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(loaded.vae, "decode", break_off)
    result = runner.run(runner.signature.call(asked.settings, loaded.scheduler), [asked], 1)
    assert isinstance(result, Failure)
    assert result.out_of_memory
    assert not {*map(id, before)} & {*map(id, loaded._all_hooks)}


def test_what_is_offloaded_layer_by_layer_is_not_hooked_again(tiny: Callable[[str], Path]) -> None:
    loaded = load(tiny("sd1"))
    loaded.enable_sequential_cpu_offload(device=CPU)
    before = dict(hooked(loaded))
    assert {type(hook) for hook in before.values()} <= {AlignDevicesHook, SequentialHook}
    forms = Forms(loaded, Meter(CPU))
    other = form(forms, 1)
    assert dict(hooked(other)) == before
    assert other._execution_device == loaded._execution_device
    forms.close()
    assert hooked(loaded) == []
    assert {weights.device.type for weights in loaded.unet.parameters()} == {"cpu"}


def test_without_offloading_a_form_has_no_hooks(tiny: Callable[[str], Path]) -> None:
    forms = Forms(load(tiny("sd1")), Meter(CPU))
    assert hooked(form(forms, 1)) == []


def hooked(pipe: Any) -> list[tuple[str, Any]]:
    """Every hook of the components, by where it is."""
    return [
        (f"{part}.{name}", module._hf_hook)
        for part in PARTS
        for name, module in getattr(pipe, part).named_modules()
        if hasattr(module, "_hf_hook")
    ]
