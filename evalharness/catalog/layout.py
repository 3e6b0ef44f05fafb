"""What a listing of weight files tells: pickles without safetensors, and missing parts.

Two layouts are known: a diffusers pipeline (`model_index.json` naming one folder per component)
and a single model (`config.json` beside its weights). Nothing here opens weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from evalharness.core.errors import BadInputError, UntrustedWeightsError

INDEX = "model_index.json"
PICKLES = frozenset({".bin", ".ckpt", ".pkl", ".pt", ".pth"})
WEIGHTLESS = ("Scheduler", "Tokenizer", "Processor", "FeatureExtractor")
"""Parts of a pipeline's component class names that say it has no weights."""


def listing(folder: Path) -> list[str]:
    """Relative POSIX names of all files below `folder`, sorted; hidden ones left out."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(p.as_posix() for p in found if not any(part.startswith(".") for part in p.parts))


def chosen(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """The names a pattern matches (`*` crosses folders) and no pattern after a `!` matches."""
    patterns = tuple(patterns)
    wanted = [p for p in patterns if not p.startswith("!")]
    unwanted = [p.removeprefix("!") for p in patterns if p.startswith("!")]
    return [
        name
        for name in names
        if any(fnmatchcase(name, p) for p in wanted)
        and not any(fnmatchcase(name, p) for p in unwanted)
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


def gaps(folder: Path) -> list[str]:
    """What a folder lacks to be loadable, in words; empty when it is whole."""
    if (folder / INDEX).is_file():
        return [gap for name, kind in components(folder) for gap in _gap(folder, name, kind)]
    if any(_weight_sets(folder)) or any(any(_weight_sets(f)) for f in _subfolders(folder)):
        return []
    return ["no complete safetensors weights"]


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


def _gap(folder: Path, name: str, kind: str) -> list[str]:
    part = folder / name
    if not part.is_dir() or not any(part.iterdir()):
        return [f"folder {name}/ ({kind}) is not there"]
    if any(word in kind for word in WEIGHTLESS) or any(_weight_sets(part)):
        return []
    return [f"{name}/ ({kind}) has no complete safetensors weights"]


def _weight_sets(folder: Path) -> Iterator[bool]:
    """For each set of weights in one folder (a file, or an index with shards): is it whole?"""
    for file in folder.glob("*.safetensors"):
        if not fnmatchcase(file.name, "*-[0-9]*-of-[0-9]*"):
            yield file.is_file()
    for index in folder.glob("*.safetensors.index.json"):
        try:
            shards = set(json.loads(index.read_text("utf-8"))["weight_map"].values())
        except (ValueError, KeyError, TypeError, AttributeError):
            yield False
        else:
            yield all((folder / shard).is_file() for shard in shards)


def _subfolders(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.is_dir())
