"""`open_clip`: vectors of pictures and texts from any open_clip model; the light half.

Sources: `package:…` or a local folder, `hf-hub:org/name`, and `ARCHITECTURE/TAG` such as
`ViT-B-32/laion2b_s34b_b79k`, which means the Hub repository that open_clip names for this tag.
All three are read as open_clip's own folder layout (`open_clip_config.json` beside
`open_clip_model.safetensors`), so a model's preprocessing and activation are those it was
published with. A revision pins the repository's commit, tag or branch, or a folder's content
(`hf-hub:org/name@REVISION` as an instrument's name). Only safetensors are loaded, and no remote
code.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from evalharness.catalog.weights import local_path, resolve_source
from evalharness.core.contracts import ExtractorEntry
from evalharness.core.errors import (
    BadInputError,
    MissingWeightsError,
    UnknownNameError,
    UntrustedWeightsError,
)
from evalharness.core.nouns import Instrument, Resolution

HUB = "hf-hub:"
CONFIG = "open_clip_config.json"
CHECKPOINTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors")
"""open_clip prefers these names, in this order, to any other file of a folder."""

WEIGHT_FILES = (
    CONFIG,
    *CHECKPOINTS,
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "*.model",
)


def resolve(instrument: Instrument) -> Resolution:
    """Find the model's folder or Hub commit.

    Raises MissingWeightsError, UntrustedWeightsError (pickles, remote code), UnknownNameError (no
    such architecture or tag) and BadInputError.
    """
    what = f"instrument {instrument.name!r}"
    if not instrument.source:
        raise BadInputError(
            f"{what} has no source. Give a folder, hf-hub:org/name, or ARCHITECTURE/TAG such as "
            "ViT-B-32/laion2b_s34b_b79k."
        )
    found = resolve_source(
        place(instrument.source), instrument.revision, patterns=WEIGHT_FILES, what=what
    )
    if found.location is not None:
        check_folder(Path(found.location), what)
    return found


def place(source: str) -> str:
    """The folder or Hub id behind a source."""
    if source.startswith(HUB):
        return source.removeprefix(HUB)
    if local_path(source) is not None:
        return source
    architecture, _, tag = source.partition("/")
    return hub_id(architecture, tag)


@lru_cache(maxsize=64)
def hub_id(architecture: str, tag: str) -> str:
    """The Hub id open_clip publishes an architecture's tag under; raises UnknownNameError.

    open_clip knows, but importing it imports torch, so another process is asked.
    """
    done = subprocess.run(
        [sys.executable, "-m", "evalharness.extractors.open_clip_tags", architecture, tag],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UnknownNameError(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "open_clip is missing"
        )
    return done.stdout.strip()


def check_folder(folder: Path, what: str) -> None:
    """Refuse a folder that open_clip could not load, or only by unpickling or by running code."""
    config = folder / CONFIG
    if not config.is_file():
        raise MissingWeightsError(
            f"{what}: {folder} has no {CONFIG}; expected open_clip's own layout, that file beside "
            f"{CHECKPOINTS[0]}. A folder in transformers' layout has to be converted first."
        )
    if not any((folder / name).is_file() for name in CHECKPOINTS):
        raise MissingWeightsError(
            f"{what}: {folder} has none of {', '.join(CHECKPOINTS)}. Only these are loaded; "
            "convert other weights to safetensors in a place you trust."
        )
    try:
        parsed = json.loads(config.read_text("utf-8"))
        parsed["model_cfg"]["vision_cfg"], parsed["model_cfg"]["text_cfg"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            f"{what}: {config} is not an open_clip configuration ({error!r}); expected a JSON "
            "object with model_cfg, and vision_cfg and text_cfg in it."
        ) from error
    if _wants_remote_code(parsed):
        raise UntrustedWeightsError(
            f"{what}: {config} sets trust_remote_code, which would run code from the model's "
            "folder. Choose a model that needs none, or remove the setting."
        )


def _wants_remote_code(node: Any) -> bool:
    if isinstance(node, dict):
        return bool(node.get("trust_remote_code")) or any(map(_wants_remote_code, node.values()))
    return isinstance(node, list) and any(map(_wants_remote_code, node))


ENTRY = ExtractorEntry(
    name="open_clip",
    version=1,
    reads=frozenset({"picture", "text"}),
    gives=frozenset({"vector"}),
    resolve=resolve,
    implementation="evalharness.extractors.open_clip_model:OpenClipExtractor",
    batch_size=64,
    imports=("torch", "open_clip"),
)
