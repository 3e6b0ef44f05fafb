"""The light half: finds the weights, settles the dtype, names the half that needs torch."""

from __future__ import annotations

from dataclasses import replace

from evalharness.backends.device.nvidia import has_nvidia_gpu
from evalharness.backends.remote_code import refuse_unpinned_code
from evalharness.backends.transformers.choices import Choices, read_writing
from evalharness.catalog.transformers_folder import FILES, resolve_folder
from evalharness.catalog.weights import resolve_source
from evalharness.core.contracts import BackendEntry
from evalharness.core.nouns import Adapter, Model, Resolution, Settings

ADAPTER_FILES = ("adapter_config.json", "*.safetensors", "!*/*")


def model_files(choices: Choices) -> tuple[str, ...]:
    """Patterns of the files a model is made of; its own code only where it may run."""
    return (*FILES, "*.py") if choices.trust_remote_code else FILES


def resolve(model: Model) -> Resolution:
    """Find a model's weights and adapters without loading or downloading them.

    Raises MissingWeightsError, UntrustedWeightsError, BadInputError and UnknownNameError.
    """
    choices = Choices.read(model)
    if choices.trust_remote_code:
        refuse_unpinned_code(model)
    what = f"model {model.name!r}"
    found = resolve_folder(model.source, model.revision, what, model_files(choices))
    return replace(found, adapters=tuple(_adapter(model, adapter) for adapter in model.adapters))


def _adapter(model: Model, adapter: Adapter) -> Resolution:
    what = f"adapter {adapter.source!r} of model {model.name!r}"
    return resolve_source(adapter.source, adapter.revision, patterns=ADAPTER_FILES, what=what)


def settle(model: Model) -> Model:
    """Write the dtype of this machine into the options, where none is asked for.

    bfloat16 where an NVIDIA GPU will be used, float32 elsewhere.
    """
    choices = Choices.read(model)
    gpu = choices.device == "cuda" or (choices.device == "auto" and has_nvidia_gpu())
    return replace(model, options={"dtype": "bfloat16" if gpu else "float32", **model.options})


def check_settings(model: Model, settings: Settings) -> None:
    """Refuse what is no setting of any model here; raises UnknownNameError and BadInputError."""
    read_writing(model.name, settings, own={})


ENTRY = BackendEntry(
    name="transformers",
    version=3,
    resolve=resolve,
    implementation="evalharness.backends.transformers.answering:open_backend",
    settle=settle,
    check_settings=check_settings,
    modality="text",
    reads="labels",
    imports=("torch", "transformers", "peft"),
)
