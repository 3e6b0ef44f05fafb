"""From a resolved model to a pipeline in memory: weights, adapters, device, memory savings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import diffusers as untyped_diffusers
import huggingface_hub
import torch
from safetensors import SafetensorError

from evalharness.backends.diffusers.choices import Choices
from evalharness.backends.diffusers.entry import config_folder, is_single_file
from evalharness.backends.diffusers.quantisation import quantisation_config
from evalharness.backends.diffusers.quiet import quieten_libraries
from evalharness.catalog.hub import HubSource
from evalharness.catalog.layout import INDEX, pipeline_index
from evalharness.core.errors import BadInputError
from evalharness.core.nouns import Model, Resolution

diffusers: Any = untyped_diffusers
Pipeline = Any
"""A DiffusionPipeline; diffusers tells no usable types."""

LOAD_ERRORS = (OSError, ValueError, KeyError, TypeError, ImportError, SafetensorError)
"""What the libraries raise for weights that do not fit; anything else is a fault of ours."""


def load_pipeline(model: Model, resolution: Resolution, device: torch.device) -> Pipeline:
    """Load weights and adapters and put them on `device`; downloads what is not there yet.

    Raises BadInputError when the weights cannot be loaded as a text-to-image pipeline.
    """
    choices = Choices.read(model)
    quieten_libraries()
    try:
        pipe = _load(model, choices, resolution)
        _add_adapters(pipe, model, resolution)
    except LOAD_ERRORS as error:
        place = resolution.location or model.source
        raise BadInputError(
            f"Model {model.name!r} at {place} could not be loaded: {type(error).__name__}: {error}"
        ) from error
    _save_memory(pipe, choices)
    _place(pipe, choices, device)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _load(model: Model, choices: Choices, resolution: Resolution) -> Pipeline:
    dtype = getattr(torch, choices.dtype or "float32")
    if is_single_file(model.source):
        return _load_single_file(model, choices, resolution, dtype)
    folder = resolution.location or _download(model, choices, resolution)
    arguments: dict[str, Any] = {
        "dtype": dtype,
        "use_safetensors": True,
        "local_files_only": True,
        "variant": choices.variant,
        "trust_remote_code": choices.trust_remote_code,
    }
    if choices.quantisation is not None:
        arguments["quantization_config"] = quantisation_config(choices.quantisation, dtype)
    name = pipeline_index(Path(folder))["_class_name"]
    if isinstance(name, str):
        try:
            return diffusers.AutoPipelineForText2Image.from_pretrained(folder, **arguments)
        except ValueError as error:
            if "can't find a pipeline linked to" not in str(error):
                raise
    return diffusers.DiffusionPipeline.from_pretrained(folder, **arguments)


def _download(model: Model, choices: Choices, resolution: Resolution) -> str:
    return str(
        diffusers.DiffusionPipeline.download(
            model.source,
            revision=resolution.revision,
            use_safetensors=True,
            variant=choices.variant,
            trust_remote_code=choices.trust_remote_code,
        )
    )


def _load_single_file(
    model: Model, choices: Choices, resolution: Resolution, dtype: torch.dtype
) -> Pipeline:
    if choices.quantisation is not None:
        raise BadInputError(
            f"Model {model.name!r}: a single-file checkpoint cannot be quantised while loading. "
            "Use the diffusers folder of the same model."
        )
    config = Path(str(config_folder(model, choices).location))
    name = pipeline_index(config)["_class_name"]
    pipeline_class: Any = getattr(diffusers, str(name), None)
    if not hasattr(pipeline_class, "from_single_file"):
        raise BadInputError(f"{name} (from {config / INDEX}) loads no single-file checkpoints.")
    return pipeline_class.from_single_file(
        resolution.location, config=str(config), dtype=dtype, local_files_only=True
    )


def _add_adapters(pipe: Pipeline, model: Model, resolution: Resolution) -> None:
    if not model.adapters:
        return
    if not hasattr(pipe, "load_lora_weights"):
        raise BadInputError(f"{type(pipe).__name__} takes no LoRA adapters.")
    names = []
    for number, (adapter, found) in enumerate(
        zip(model.adapters, resolution.adapters, strict=True)
    ):
        file = Path(found.location or _download_adapter(adapter.source, found.revision))
        names.append(f"adapter_{number}")
        pipe.load_lora_weights(
            str(file.parent),
            weight_name=file.name,
            adapter_name=names[-1],
            use_safetensors=True,
            local_files_only=True,
        )
        if not any(names[-1] in known for known in pipe.get_list_adapters().values()):
            raise BadInputError(
                f"Adapter {adapter.source} of model {model.name!r} fits no part of "
                f"{type(pipe).__name__}: it was made for another architecture."
            )
    pipe.set_adapters(names, [adapter.weight for adapter in model.adapters])


def _download_adapter(source: str, commit: str) -> str:
    hub = HubSource.parse(source)
    if hub.file:
        return huggingface_hub.hf_hub_download(hub.repo, hub.file, revision=commit)
    folder = Path(
        huggingface_hub.snapshot_download(
            hub.repo, revision=commit, allow_patterns=["*.safetensors"]
        )
    )
    files = sorted(folder.glob("*.safetensors"))
    if len(files) != 1:
        names = ", ".join(f.name for f in files[:8])
        raise BadInputError(f"Adapter {source} holds {names or 'no weights'}: name one file.")
    return str(files[0])


def _save_memory(pipe: Pipeline, choices: Choices) -> None:
    vae: Any = getattr(pipe, "vae", None)
    if choices.vae_tiling and hasattr(vae, "enable_tiling"):
        vae.enable_tiling()
    if choices.vae_slicing and hasattr(vae, "enable_slicing"):
        vae.enable_slicing()


def place_form(pipe: Pipeline, loaded: Pipeline) -> None:
    """Offload `pipe` as `loaded` is, whose components it shares.

    Offloading layer by layer and in groups is done by the components. Whole models are sent back
    to main memory at a call's end by the pipeline, from a list that another form of it lacks.
    """
    if getattr(loaded, "_all_hooks", None):
        pipe.enable_model_cpu_offload(device=loaded._offload_device)  # takes off the hooks it finds


def _place(pipe: Pipeline, choices: Choices, device: torch.device) -> None:
    """Move or offload; on the CPU the weights already are where offloading would put them."""
    if device.type == "cpu" or choices.offload == "none":
        pipe.to(device)
    elif choices.offload == "model":
        pipe.enable_model_cpu_offload(device=device)
    elif choices.offload == "sequential":
        pipe.enable_sequential_cpu_offload(device=device)
    else:
        pipe.enable_group_offload(
            onload_device=device, offload_device=torch.device("cpu"), offload_type="leaf_level"
        )
