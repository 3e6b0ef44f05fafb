"""The light half: finds the weights, settles the dtype, names the half that needs torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evalharness.backends.device.nvidia import has_nvidia_gpu
from evalharness.backends.diffusers.choices import Choices
from evalharness.backends.remote_code import refuse_unpinned_code
from evalharness.catalog.layout import INDEX, components, pipeline_index
from evalharness.catalog.weights import local_path, resolve_source
from evalharness.core.contracts import BackendEntry
from evalharness.core.errors import BadInputError, MissingWeightsError, UntrustedWeightsError
from evalharness.core.keys import digest
from evalharness.core.nouns import Adapter, Model, Resolution

CONFIGS = (INDEX, "*/*.json", "*/*.txt", "*/*.model")
VARIANTS = ("*/*.*.safetensors", "*.safetensors.index.*.json", "*.safetensors.*.index.json")
ADAPTER_FILES = ("*.safetensors", "!*/*")


def pipeline_files(variant: str | None) -> tuple[str, ...]:
    """Patterns of the files a pipeline is made of: weights, configs, tokenizers, code.

    Without a variant asked for, the weights of any are left out (`x.fp16.safetensors`).
    """
    files = (*CONFIGS, "*/*.safetensors", "*/*.py", "*.py")
    return files if variant else (*files, *(f"!{pattern}" for pattern in VARIANTS))


def resolve(model: Model) -> Resolution:
    """Find a model's weights and adapters without loading or downloading them.

    Raises MissingWeightsError, UntrustedWeightsError, BadInputError and UnknownNameError.
    """
    choices = Choices.read(model)
    if choices.trust_remote_code:
        refuse_unpinned_code(model)
    if is_single_file(model.source):
        found = _single_file(model, choices)
    else:
        found = resolve_source(
            model.source,
            model.revision,
            patterns=pipeline_files(choices.variant),
            what=f"model {model.name!r}",
            variant=choices.variant,
        )
        _check_folder(model, choices, found)
    return replace(found, adapters=tuple(_adapter(model, adapter) for adapter in model.adapters))


def settle(model: Model) -> Model:
    """Write the dtype of this machine into the options, where none is asked for.

    bfloat16 where an NVIDIA GPU will be used, float32 elsewhere. A config folder's path moves to
    the placement: its content is in the resolved revision, and a path never belongs in a key.
    """
    choices = Choices.read(model)
    gpu = choices.device == "cuda" or (choices.device == "auto" and has_nvidia_gpu())
    options = {k: v for k, v in model.options.items() if k != "config"}
    options.setdefault("dtype", "bfloat16" if gpu else "float32")
    placement = dict(model.placement)
    if choices.config:
        placement["config"] = choices.config
    return replace(model, options=options, placement=placement)


def is_single_file(source: str) -> bool:
    """Whether a model's source is one checkpoint file instead of a folder or Hub id."""
    path = local_path(source)
    return Path(source).suffix == ".safetensors" or (path is not None and path.is_file())


def config_folder(model: Model, choices: Choices) -> Resolution:
    """The config a single-file checkpoint is read with; it must be on this machine."""
    if choices.config is None:
        raise BadInputError(
            f"Model {model.name!r} is a single file ({model.source}), which holds no configs and "
            "no tokenizer. Set options.config to a local diffusers folder (or a cached Hub id) of "
            f"the same architecture with its {INDEX}; weights are not needed there."
        )
    found = resolve_source(choices.config, patterns=CONFIGS, what=f"config of model {model.name!r}")
    if found.location is None or not (Path(found.location) / INDEX).is_file():
        raise MissingWeightsError(
            f"Config {choices.config!r} of model {model.name!r} has no {INDEX} on this machine. "
            f"Get it with `hf download {choices.config} --include '*.json' '*.txt' '*.model'`, "
            "or give a local folder."
        )
    return found


def _single_file(model: Model, choices: Choices) -> Resolution:
    """A file with its config; either the digest of both or the file's own may be the pin."""
    if local_path(model.source) is None:
        raise BadInputError(
            f"Model {model.name!r}: no such local file {model.source}. A single file of a Hub "
            "repository is used after `hf download`, by its local path."
        )
    config = config_folder(model, choices)
    weights = resolve_source(model.source, patterns=(), what=f"model {model.name!r}")
    both = digest({"weights": weights.revision, "config": config.revision})
    found = f"sha256:{both}"
    if model.revision not in (None, found, weights.revision):
        raise BadInputError(
            f"Model {model.name!r} is pinned to revision {model.revision}, but {model.source} with "
            f"its config {choices.config} is {found} (the file alone is {weights.revision}). "
            "Restore the pinned files, or set revision to one of these two."
        )
    return replace(weights, revision=found)


def _check_folder(model: Model, choices: Choices, found: Resolution) -> None:
    if found.location is None:
        return
    folder = Path(found.location)
    if not (folder / INDEX).is_file():
        names = ", ".join(sorted(p.name for p in folder.iterdir())[:8])
        raise MissingWeightsError(
            f"Model {model.name!r}: {folder} is no diffusers pipeline: it has no {INDEX}. It "
            f"holds {names}. Give the folder `save_pretrained` wrote, or a `.safetensors` file."
        )
    if _brings_code(folder) and not choices.trust_remote_code:
        raise UntrustedWeightsError(
            f"Model {model.name!r}: the weights in {folder} come with their own code, which is "
            "not run unasked. Read it, then set options.trust_remote_code: true and "
            f"revision: {found.revision}."
        )


def _brings_code(folder: Path) -> bool:
    """Whether the pipeline's or a component's class is a Python file beside the weights."""
    index = pipeline_index(folder)
    if isinstance(index["_class_name"], list):
        return True
    return any((folder / name / f"{index[name][0]}.py").is_file() for name, _ in components(folder))


def _adapter(model: Model, adapter: Adapter) -> Resolution:
    what = f"adapter {adapter.source!r} of model {model.name!r}"
    found = resolve_source(adapter.source, adapter.revision, patterns=ADAPTER_FILES, what=what)
    location = Path(found.location) if found.location else None
    if location and location.is_dir():
        files = sorted(location.glob("*.safetensors"))
        if len(files) != 1:
            raise BadInputError(
                f"{what}: {location} holds {len(files)} safetensors files "
                f"({', '.join(f.name for f in files[:8])}), so which one is meant is not clear. "
                "Name the file: `folder/file.safetensors` or `org/name/file.safetensors`."
            )
        return replace(found, location=str(files[0]))
    return found


ENTRY = BackendEntry(
    name="diffusers",
    version=2,
    resolve=resolve,
    implementation="evalharness.backends.diffusers.pipeline:open_backend",
    settle=settle,
    imports=("torch", "diffusers", "transformers", "peft"),
)
