"""What a listing of weight files tells: pickles without safetensors, and missing parts.

Two layouts are known: a diffusers pipeline (`model_index.json` naming one folder per component)
and a single model (`config.json` beside its weights). Nothing here opens weights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from evalharness.core.errors import BadInputError, UntrustedWeightsError

INDEX = "model_index.json"
PICKLES = frozenset({".bin", ".ckpt", ".pkl", ".pt", ".pth"})
WEIGHTLESS = ("Scheduler", "Tokenizer", "Processor", "FeatureExtractor")
"""Parts of a pipeline's component class names that say it has no weights."""
SHARD = re.compile(r"-\d+-of-\d+")


def listing(folder: Path) -> list[str]:
    """Relative POSIX names of all files below `folder`, sorted; hidden ones left out."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(p.as_posix() for p in found if not any(part.startswith(".") for part in p.parts))


def chosen(names: Iterable[str], patterns: Iterable[str], variant: str | None = None) -> list[str]:
    """The names a pattern matches (`*` crosses folders) and no pattern after a `!` matches.

    With a `variant` only its weights stay in each folder that has them, and elsewhere the plain
    ones: as in diffusers, components without that variant load those.
    """
    patterns = tuple(patterns)
    wanted = [p for p in patterns if not p.startswith("!")]
    unwanted = [p.removeprefix("!") for p in patterns if p.startswith("!")]
    found = [
        name
        for name in names
        if any(fnmatchcase(name, p) for p in wanted)
        and not any(fnmatchcase(name, p) for p in unwanted)
    ]
    return found if variant is None else _preferring(found, variant)


def variant_of(name: str) -> str | None:
    """`fp16` of `unet/model.fp16.safetensors`, `""` of plain weights, None of other files.

    Shards and their indices have a variant too: `x.fp16-00001-of-00002.safetensors`,
    `x.safetensors.index.fp16.json`.
    """
    parts = PurePosixPath(name).name.split(".")[1:]
    if "safetensors" not in parts or parts[-1] not in ("safetensors", "json"):
        return None
    told = (SHARD.sub("", part) for part in parts)
    return ".".join(part for part in told if part not in ("safetensors", "index", "json"))


def _preferring(names: list[str], variant: str) -> list[str]:
    having = {PurePosixPath(name).parent for name in names if variant_of(name) == variant}
    return [
        name
        for name in names
        if variant_of(name) in (None, variant if PurePosixPath(name).parent in having else "")
    ]


def pickles_alone(names: Iterable[str]) -> list[str]:
    """Pickled weights that would have to be loaded because no safetensors stand beside them.

    Either there are no safetensors at all, or a model's own folder (it has a `config.json`)
    has only pickles. OpenVINO's `.bin` files are no pickles.
    """
    files = [PurePosixPath(name) for name in names]
    safe = {f.parent for f in files if f.suffix == ".safetensors"}
    models = {f.parent for f in files if f.name == "config.json"}
    pickles = [f for f in files if f.suffix in PICKLES and not f.name.startswith("openvino_")]
    return [str(f) for f in pickles if not safe or f.parent in models - safe]


def refuse_pickles(place: str, names: Iterable[str]) -> None:
    """Raise UntrustedWeightsError when a listing's weights could only be unpickled."""
    pickles = pickles_alone(names)
    if pickles:
        raise UntrustedWeightsError(
            f"{place} has weights as pickles only ({', '.join(pickles[:3])}), and loading a "
            "pickle can run any code. Only safetensors are loaded: use a revision or folder that "
            "has them, or convert the weights in a place you trust (`save_pretrained(…, "
            "safe_serialization=True)`)."
        )


def gaps(folder: Path, names: Iterable[str], variant: str | None = None) -> list[str]:
    """What the chosen `names` of a folder lack to be loadable, in words; empty when nothing.

    A folder may hold more than is chosen (other variants, say), and that fills no gap.
    """
    names = sorted(names)
    if INDEX in names:
        found = [
            gap for name, kind in components(folder) for gap in _gap(folder, names, name, kind)
        ]
    else:
        found = [] if _whole(folder, names) else ["no complete safetensors weights"]
    if variant is not None and not any(variant_of(name) == variant for name in names):
        found.append(f"no weights of variant {variant!r}")
    return found


def pipeline_index(folder: Path) -> dict[str, Any]:
    """A diffusers pipeline's `model_index.json`; raises BadInputError when it is not readable."""
    try:
        index = json.loads((folder / INDEX).read_text("utf-8"))
    except ValueError as error:
        raise BadInputError(f"{folder / INDEX} is no JSON: {error}. Copy it again.") from error
    if not isinstance(index, dict) or "_class_name" not in index:
        raise BadInputError(f"{folder / INDEX} names no pipeline (`_class_name`). Copy it again.")
    return index


def components(folder: Path) -> list[tuple[str, str]]:
    """(name, class name) of a diffusers pipeline's components; raises BadInputError."""
    index = pipeline_index(folder)
    pairs = ((k, v) for k, v in index.items() if isinstance(v, list) and len(v) == 2)
    return [(k, str(v[1])) for k, v in pairs if not k.startswith("_") and v[0] is not None]


def _gap(folder: Path, names: Iterable[str], name: str, kind: str) -> list[str]:
    part = [other for other in names if other.startswith(f"{name}/")]
    if not part:
        return [f"folder {name}/ ({kind}) is not there"]
    if any(word in kind for word in WEIGHTLESS) or _whole(folder, part):
        return []
    there = {variant_of(file) for file in listing(folder / name)} - {None, ""}
    others = f"; there are variants: {', '.join(sorted(map(str, there)))}" if there else ""
    return [f"{name}/ ({kind}) has no complete safetensors weights{others}"]


def _whole(folder: Path, names: Iterable[str]) -> bool:
    """Whether one set of weights (a file, or an index with all its shards) is among `names`."""
    for name in names:
        if variant_of(name) is None:
            continue
        index = name.endswith(".json")
        if _has_shards(folder / name) if index else not SHARD.search(PurePosixPath(name).name):
            return True
    return False


def _has_shards(index: Path) -> bool:
    try:
        shards = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(shards) and all((index.parent / str(shard)).is_file() for shard in shards)
