from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from diffusers.loaders.single_file_utils import DIFFUSERS_TO_LDM_MAPPING
from safetensors.torch import save_file

from evalharness.backends.diffusers import ENTRY
from evalharness.backends.diffusers.pipeline import open_backend
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Job, Model
from evalharness.core.outcomes import Picture, Status

Weights = dict[str, torch.Tensor]

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def unet_name(name: str, layers: int = 1) -> str:
    """The original (LDM) name of a UNet weight: blocks are numbered through, layer by layer."""
    known: dict[str, str] = DIFFUSERS_TO_LDM_MAPPING["unet"]["layers"]
    if name in known:
        return known[name]
    if match := re.fullmatch(r"(down|up)_blocks\.(\d)\.(resnets|attentions)\.(\d)\.(.+)", name):
        way, block, kind, layer, rest = match.groups()
        number = int(block) * (layers + 1) + int(layer) + (way == "down")
        place = f"{'in' if way == 'down' else 'out'}put_blocks.{number}"
        return f"{place}.1.{rest}" if kind == "attentions" else f"{place}.0.{resnet(rest)}"
    if match := re.fullmatch(r"down_blocks\.(\d)\.downsamplers\.0\.conv\.(.+)", name):
        return f"input_blocks.{(int(match[1]) + 1) * (layers + 1)}.0.op.{match[2]}"
    if match := re.fullmatch(r"up_blocks\.(\d)\.upsamplers\.0\.conv\.(.+)", name):
        return f"output_blocks.{int(match[1]) * (layers + 1) + layers}.2.conv.{match[2]}"
    match = re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", name)
    assert match is not None, name
    if match[1] == "attentions":
        return f"middle_block.1.{match[3]}"
    return f"middle_block.{2 * int(match[2])}.{resnet(match[3])}"


def resnet(rest: str) -> str:
    part, _, parameter = rest.rpartition(".")
    return f"{RESNET[part]}.{parameter}"


def vae_name(name: str, blocks: int = 2) -> str:
    known: dict[str, str] = DIFFUSERS_TO_LDM_MAPPING["vae"]
    if name in known:
        return known[name]
    name = name.replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(
        r"up_blocks\.(\d)\.(resnets|upsamplers\.0)",
        lambda m: f"up.{blocks - 1 - int(m[1])}.{'block' if m[2] == 'resnets' else 'upsample'}",
        name,
    )
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    if "mid_block.attentions.0" in name:
        name = name.replace("mid_block.attentions.0", "mid.attn_1")
        for ours, theirs in ATTENTION.items():
            name = name.replace(f".{ours}.", f".{theirs}.")
    return name


def original_format(pipe: StableDiffusionPipeline) -> Weights:
    found: Weights = {}
    for name, weight in pipe.unet.state_dict().items():
        found[f"model.diffusion_model.{unet_name(name)}"] = weight
    for name, weight in pipe.vae.state_dict().items():
        ldm = vae_name(name)
        linear = ".attn_1." in ldm and weight.ndim == 2
        found[f"first_stage_model.{ldm}"] = weight[:, :, None, None] if linear else weight
    for name, weight in pipe.text_encoder.state_dict().items():
        found[f"cond_stage_model.transformer.text_model.{name}"] = weight
    return {name: weight.contiguous() for name, weight in found.items()}


@pytest.fixture
def single(tiny: Callable[[str], Path], tmp_path: Path) -> tuple[Path, Path]:
    """A checkpoint in the original format, and a config folder without any weights."""
    pipe = StableDiffusionPipeline.from_pretrained(tiny("sd1"), use_safetensors=True)
    save_file(original_format(pipe), tmp_path / "one.safetensors")
    config = shutil.copytree(
        tiny("sd1"), tmp_path / "config", ignore=shutil.ignore_patterns("*.safetensors")
    )
    return tmp_path / "one.safetensors", config


def test_a_single_file_gives_the_folders_pictures(
    single: tuple[Path, Path],
    tiny: Callable[[str], Path],
    model: Callable[..., Model],
    job: Callable[..., Job],
) -> None:
    file, config = single
    pictures = []
    options = {"dtype": "float32", "config": str(config)}
    for asked in (model(tiny("sd1")), model(file, options=options)):
        settled = ENTRY.settle(asked)
        with open_backend(settled, ENTRY.resolve(settled)) as backend:
            (answer,) = backend.generate([job()])
        assert (answer.status, answer.reason) == (Status.OK, "")
        assert isinstance(answer.media[0], Picture)
        pictures.append(answer.media[0].pixels)
    assert np.array_equal(*pictures)


def test_a_single_file_is_not_quantised_while_loading(
    single: tuple[Path, Path], model: Callable[..., Model]
) -> None:
    file, config = single
    options = {"dtype": "float32", "config": str(config), "quantisation": "nf4"}
    asked = ENTRY.settle(model(file, options=options))
    with (
        pytest.raises(BadInputError, match="cannot be quantised"),
        open_backend(asked, ENTRY.resolve(asked)),
    ):
        raise AssertionError("it opened")
