"""What is loaded and what is refused: models that see, adapters, pickles, missing weights."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from evalharness.catalog import registry
from evalharness.core.errors import BadInputError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.nouns import Adapter, InputPicture, Model, Prompt
from evalharness.core.outcomes import Status
from tests.backends.transformers.conftest import jobs
from tests.extractors import talkers

ENTRY = registry.backend("transformers")


def answers(model: Model, prompts, **settings):
    settled = ENTRY.settle(model)
    with registry.load(ENTRY.implementation)(settled, ENTRY.resolve(settled)) as backend:
        return list(backend.generate(jobs(prompts, {"max_new_tokens": 6, **settings}, (0,))))


def model(folder, **fields) -> Model:
    return Model("it", "transformers", str(folder), modality="text", **fields)


@pytest.mark.parametrize("make", [talkers.qwen, talkers.idefics])
def test_a_model_that_sees_answers_about_a_picture(make, tmp_path):
    make(tmp_path / "seer")
    pictures = []
    for seed in (0, 1):
        path = tmp_path / f"{seed}.png"
        pixels = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
        pictures.append(InputPicture(hashlib.sha256(path.read_bytes()).hexdigest(), str(path)))
    asked = [
        Prompt("one", "is it red", images=(pictures[0],)),
        Prompt("other", "is it red", images=(pictures[1],)),
    ]
    found = answers(model(tmp_path / "seer", placement={"batch_size": 2}), asked)
    assert [one.status for one in found] == [Status.OK] * 2, found
    assert any("chat template" in note for note in found[0].notes)
    alone = answers(model(tmp_path / "seer", placement={"batch_size": 1}), asked)
    assert [one.media for one in found] == [one.media for one in alone]
    (words,) = answers(model(tmp_path / "seer"), [Prompt("words", "is it red")])
    assert words.status is Status.OK


def test_a_picture_that_a_model_cannot_read_takes_no_other_with_it(tmp_path):
    talkers.qwen(tmp_path / "seer")
    asked = []
    for name, shape in (("wide", (2, 900, 3)), ("point", (1, 1, 3)), ("usual", (64, 64, 3))):
        path = tmp_path / f"{name}.png"
        Image.fromarray(np.full(shape, 90, np.uint8)).save(path)
        shown = InputPicture(hashlib.sha256(path.read_bytes()).hexdigest(), str(path))
        asked.append(Prompt(name, "is it red", images=(shown,)))
    found = {one.job_key.split()[0]: one for one in answers(model(tmp_path / "seer"), asked)}
    assert found["wide"].status is Status.FAILED
    assert "aspect ratio" in found["wide"].reason
    assert found["usual"].status is found["point"].status is Status.OK


# peft asks transformers by a name that transformers wants to give up
peft_is_late = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")


def lora(folder, base):
    torch.manual_seed(1)
    tuned = get_peft_model(base, LoraConfig(r=4, target_modules=["q_proj", "v_proj", "up_proj"]))
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.5)
    tuned.save_pretrained(folder)


@peft_is_late
def test_an_adapter_changes_answers_by_its_weight(folders, tmp_path):
    lora(tmp_path / "lora", AutoModelForCausalLM.from_pretrained(folders["bare"]))
    plain = model(folders["bare"])
    tuned = replace(plain, adapters=(Adapter(str(tmp_path / "lora")),))
    off = replace(plain, adapters=(Adapter(str(tmp_path / "lora"), weight=0.0),))
    said = [answers(one, ["some words"])[0].media for one in (plain, tuned, off)]
    assert said[0] == said[2] != said[1]
    assert ENTRY.resolve(tuned).adapters[0].revision.startswith("sha256:")


@peft_is_late
def test_an_adapter_of_another_architecture_is_refused(folders, tmp_path):
    lora(tmp_path / "lora", AutoModelForCausalLM.from_pretrained(folders["bare"]))
    wrong = model(folders["bart"], adapters=(Adapter(str(tmp_path / "lora")),))
    with pytest.raises(BadInputError, match="another architecture"):
        answers(wrong, ["a"])


def test_pickles_and_code_are_refused(folders, tmp_path):
    pickled = tmp_path / "pickled"
    shutil.copytree(folders["bare"], pickled)
    torch.save(load_file(pickled / "model.safetensors"), pickled / "pytorch_model.bin")
    (pickled / "model.safetensors").unlink()
    with pytest.raises(UntrustedWeightsError):
        ENTRY.resolve(model(pickled))
    trusting = model(folders["bare"], options={"trust_remote_code": True})
    with pytest.raises(UntrustedWeightsError, match="pinned revision"):
        ENTRY.resolve(trusting)


def test_missing_weights_are_never_made_up(folders, tmp_path):
    part = tmp_path / "part"
    shutil.copytree(folders["bare"], part)
    weights = load_file(part / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, part / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MissingWeightsError, match="lacks 1 weights"):
        answers(model(part), ["a"])


def test_a_network_that_neither_writes_nor_classifies_is_told(folders, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(folders["bare"], other)
    config = (other / "config.json").read_text().replace("LlamaForCausalLM", "LlamaModel")
    (other / "config.json").write_text(config)
    with pytest.raises(BadInputError, match=r"options\.task"):
        answers(model(other), ["a"])
    assert answers(model(other, options={"task": "text-generation"}), ["a"])[0].status is Status.OK


def test_dtype_and_quantisation_are_settled_and_checked(folders):
    assert ENTRY.settle(model(folders["bare"], placement={"device": "cpu"})).options == {
        "dtype": "float32"
    }
    half = model(folders["bare"], options={"dtype": "bfloat16"}, placement={"device": "cpu"})
    assert answers(half, ["a"])[0].status is Status.OK
    with pytest.raises(BadInputError, match="CUDA GPU"):
        answers(model(folders["bare"], options={"quantisation": "nf4"}), ["a"])
