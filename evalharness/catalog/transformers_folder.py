"""Models in transformers' own layout: `config.json` beside safetensors.

Sources are `hf-hub:org/name`, a plain Hub id, `package:…` and local folders.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError

from evalharness.catalog.documents import ascii_safe
from evalharness.catalog.weights import resolve_source
from evalharness.core.errors import BadInputError, MissingWeightsError
from evalharness.core.nouns import Resolution

HUB = "hf-hub:"
CONFIG = "config.json"
FILES = (
    CONFIG,
    "*.safetensors",
    "*.safetensors.index.json",
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
    "chat_template*",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "*.model",
    "!*/*",  # exports to other formats, training states
    "!*.fp16*",
    "!*.bf16*",
)
"""What a model, its picture processor and its tokenizer are made of (see `resolve_source`)."""

UNLOADABLE = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    ImportError,
    SafetensorError,
)
"""What transformers raises for damaged folders; AttributeError and TypeError for odd configs."""


def resolve_folder(
    source: str, revision: str | None, what: str, files: Sequence[str] = FILES
) -> Resolution:
    """Find a model's folder or Hub commit, without importing torch or transformers.

    `what` names the model or instrument in errors. Raises MissingWeightsError (nothing there, or
    incomplete), UntrustedWeightsError (pickles only) and BadInputError (no source, an unreadable
    `config.json`, a pin that does not match).
    """
    if not source:
        raise BadInputError(
            f"{what} has no source. Give a folder in transformers' layout or hf-hub:org/name."
        )
    found = resolve_source(source.removeprefix(HUB), revision, patterns=files, what=what)
    if found.location is not None:
        check_folder(Path(found.location), what)
    return found


def check_folder(folder: Path, what: str) -> None:
    """Refuse what is no folder with a readable `config.json`; `what` names whose it is."""
    if not folder.is_dir() or not (folder / CONFIG).is_file():
        raise MissingWeightsError(
            f"{what}: {folder} has no {CONFIG}; expected a folder in transformers' layout, that "
            "file beside the safetensors. Give the whole folder, not one file of it."
        )
    if (folder / "adapter_config.json").is_file():
        raise BadInputError(
            f"{what}: {folder} holds an adapter, for which transformers would load another model. "
            "Merge it into the model's weights first (`merge_and_unload`)."
        )
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except ValueError as error:
        raise BadInputError(f"{what}: {folder / CONFIG} is no JSON ({error}).") from error
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise BadInputError(
            f"{what}: {folder / CONFIG} names no model_type; expected the configuration of a "
            "model of transformers. Copy the file again."
        )


def model_type(folder: Path) -> str | None:
    """What a folder's `config.json` names as its model, such as `GPT2LMHeadModel`, if it does."""
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        return None
    named = config.get("architectures")
    return ascii_safe(str(named[0] if isinstance(named, list) and named else config["model_type"]))
