"""From a resolved model to a network in memory, with what writes and reads its inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import transformers as untyped_transformers
from peft.tuners.lora import LoraLayer
from transformers.models.auto import modeling_auto

from evalharness.backends.transformers.choices import (
    CLASSIFIES,
    COMPARES,
    READS_AND_WRITES,
    SEES,
    WRITES_ON,
    Choices,
)
from evalharness.backends.transformers.entry import ADAPTER_FILES, model_files
from evalharness.catalog import hub_snapshot
from evalharness.catalog.transformers_folder import CONFIG, HUB, UNLOADABLE, check_folder
from evalharness.core.errors import (
    BadInputError,
    MissingWeightsError,
    UntrustedWeightsError,
    unknown_name,
)
from evalharness.core.nouns import Json, Model, Resolution

transformers: Any = untyped_transformers
Network = Any
"""A model of transformers; its classes tell no usable types."""

CLASSES = {
    WRITES_ON: "AutoModelForCausalLM",
    READS_AND_WRITES: "AutoModelForSeq2SeqLM",
    SEES: "AutoModelForImageTextToText",
    CLASSIFIES: "AutoModelForImageClassification",
    COMPARES: "AutoModelForZeroShotImageClassification",
}
KNOWN = {
    SEES: "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES",
    COMPARES: "MODEL_FOR_ZERO_SHOT_IMAGE_CLASSIFICATION_MAPPING_NAMES",
    CLASSIFIES: "MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES",
    READS_AND_WRITES: "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
    WRITES_ON: "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
}
"""Which architectures are for which task, as transformers lists them."""

ADAPTER_WEIGHTS = "adapter_model.safetensors"
LOCALLY: dict[str, Any] = {"adapter_kwargs": {"local_files_only": True}}

SHORT: dict[str, dict[str, Json]] = {
    "nf4": {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"},
    "int8": {"quant_method": "bitsandbytes", "load_in_8bit": True},
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network on its device; `reader` makes its inputs: a tokenizer, or a processor of several
    kinds of input whose `tokenizer` it is."""

    network: Network
    reader: Any
    tokenizer: Any
    task: str
    device: torch.device


def load(model: Model, resolution: Resolution, device: torch.device) -> Loaded:
    """Load weights and adapters and put them on `device`; downloads what is not there yet.

    Raises BadInputError, MissingWeightsError and UntrustedWeightsError.
    """
    choices = Choices.read(model)
    _quieten()
    what = f"model {model.name!r}"
    repository = model.source.removeprefix(HUB)
    folder = hub_snapshot.folder(what, resolution, model_files(choices), repository)
    check_folder(folder, what)
    task = choices.task or _task_of(folder, what)
    reader = _from_folder(_reader_class(task), folder, what, choices)
    network = _network(task, folder, model, choices, device)
    _add_adapters(network, model, resolution)
    if choices.device_map is None and choices.quantisation is None:
        network = network.to(device)
    tokenizer = getattr(reader, "tokenizer", reader) if task != CLASSIFIES else None
    if tokenizer is not None and tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    return Loaded(network.eval(), reader, tokenizer, task, network.device)


def _reader_class(task: str) -> Any:
    if task == CLASSIFIES:
        return transformers.AutoImageProcessor
    sees = task in (SEES, COMPARES)
    return transformers.AutoProcessor if sees else transformers.AutoTokenizer


def _task_of(folder: Path, what: str) -> str:
    """The task of the architecture that a config names; raises BadInputError."""
    names = json.loads((folder / CONFIG).read_text("utf-8")).get("architectures") or []
    for task, mapping in KNOWN.items():
        listed = getattr(modeling_auto, mapping).values()
        known = {name for one in listed for name in ((one,) if isinstance(one, str) else one)}
        if known & {*names}:
            return task
    raise BadInputError(
        f"{what}: {folder / CONFIG} names the architectures {names}, and none of them is known to "
        f"write or to classify. Set options.task to one of {', '.join(CLASSES)}."
    )


def _network(
    task: str, folder: Path, model: Model, choices: Choices, device: torch.device
) -> Network:
    dtype = getattr(torch, choices.dtype or "float32")
    options: dict[str, Any] = {"dtype": dtype, "use_safetensors": True}
    if choices.quantisation is not None:
        options["quantization_config"] = _quantisation(choices.quantisation, dtype)
        options["device_map"] = {"": device}
    if choices.device_map is not None:
        options["device_map"] = choices.device_map
    kind = getattr(transformers, CLASSES[task])
    network, told = _from_folder(
        kind,
        folder,
        f"model {model.name!r}",
        choices,
        ignore_mismatched_sizes=True,  # told below, with the others
        output_loading_info=True,
        **options,
    )
    lacking = sorted({*told["missing_keys"], *(found[0] for found in told["mismatched_keys"])})
    if lacking:
        raise MissingWeightsError(
            f"model {model.name!r}: {folder} lacks {len(lacking)} weights of "
            f"{type(network).__name__} ({', '.join(lacking[:3])}), which would be made up at "
            "random. It holds another model, or is damaged: copy the whole folder again."
        )
    return network


def _from_folder(kind: Any, folder: Path, what: str, choices: Choices, **options: Any) -> Any:
    try:
        return kind.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=choices.trust_remote_code,
            **options,
        )
    except UNLOADABLE as error:
        if "trust_remote_code" in str(error):
            raise UntrustedWeightsError(
                f"{what}: {folder} can only be loaded by running code that it brings along. Read "
                "it, then set options.trust_remote_code: true and the revision that you read."
            ) from error
        first = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise BadInputError(
            f"{what}: {kind.__name__} cannot load {folder} ({type(error).__name__}: {first}). "
            "Check that the folder is whole and holds this kind of model."
        ) from error


def _add_adapters(network: Network, model: Model, resolution: Resolution) -> None:
    names = []
    for number, (adapter, found) in enumerate(
        zip(model.adapters, resolution.adapters, strict=True)
    ):
        what = f"adapter {adapter.source!r} of model {model.name!r}"
        folder = hub_snapshot.folder(what, found, ADAPTER_FILES, adapter.source.removeprefix(HUB))
        names.append(f"adapter_{number}")
        if not (folder / ADAPTER_WEIGHTS).is_file():
            raise BadInputError(f"{what}: {folder} has no {ADAPTER_WEIGHTS}. Save it with PEFT.")
        try:
            told = network.load_adapter(str(folder), adapter_name=names[-1], **LOCALLY)
        except UNLOADABLE as error:
            raise _misfit(
                what, network, (str(error).splitlines() or ["no reason given"])[0]
            ) from error
        if told.missing_keys:
            raise _misfit(what, network, f"it lacks {len(told.missing_keys)} weights")
        for part in network.modules():
            if isinstance(part, LoraLayer) and names[-1] in part.scaling:
                part.set_scale(names[-1], adapter.weight)
    if names:
        network.set_adapter(names)


def _misfit(what: str, network: Network, why: str) -> BadInputError:
    return BadInputError(
        f"{what} cannot be put on {type(network).__name__} ({why}). It was made for another "
        "architecture, or is damaged."
    )


def _quantisation(asked: Json, dtype: torch.dtype) -> Any:
    if isinstance(asked, str):
        if asked not in SHORT:
            raise unknown_name("quantisation", asked, SHORT)
        asked = dict(SHORT[asked])
    if not isinstance(asked, dict) or "quant_method" not in asked:
        raise BadInputError(
            f"options.quantisation is {asked!r}; expected one of {', '.join(SHORT)} or a mapping "
            "with `quant_method` and that method's arguments."
        )
    if asked["quant_method"] == "bitsandbytes":
        if find_spec("bitsandbytes") is None or not torch.cuda.is_available():
            raise BadInputError(
                "Quantisation with bitsandbytes needs that package and a CUDA GPU. Install it, or "
                "remove options.quantisation to run in the model's dtype."
            )
        if asked.get("load_in_4bit"):
            asked.setdefault("bnb_4bit_compute_dtype", str(dtype).removeprefix("torch."))
    return transformers.quantizers.AutoQuantizationConfig.from_dict(asked)


def _quieten() -> None:
    """No progress bars and reports on the terminal: what matters in them is raised or noted."""
    told: Any = transformers.utils.logging
    told.disable_progress_bar()
    told.set_verbosity_error()
