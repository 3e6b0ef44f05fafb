"""What a sentence-embedding model's folder says of itself, read without running any of it; light.

The layout is sentence-transformers': `modules.json` lists an encoder, its pooling and what comes
after. A module is known by the last part of its class's name, which its versions have kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from evalharness.core.errors import BadInputError, UntrustedWeightsError
from evalharness.core.nouns import Instrument
from evalharness.extractors.instrument_options import word, wrong

MODULES_FILE = "modules.json"
DEFAULTS_FILE = "config_sentence_transformers.json"
ENCODER_FILES = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
POOLINGS = ("cls", "lasttoken", "max", "mean", "mean_sqrt_len_tokens", "weightedmean")
OLD_NAMES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "lasttoken",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
}
"""How pooling was written before version 5.4; several are concatenated in `_ORDER`."""

_ORDER = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")
_OURS = "sentence_transformers."


@dataclass(frozen=True, slots=True)
class Layout:
    """A model taken apart.

    `encoder` is its folder; `after` are the folders of linear layers, and None for bringing a
    vector to length 1, in order. Without `pools_prefix` the prefix's tokens are read, but are no
    part of what is pooled. `room` is how many tokens it reads, where the folder says so.
    """

    encoder: Path
    poolings: tuple[str, ...]
    after: tuple[Path | None, ...] = ()
    prefix: str = ""
    pools_prefix: bool = True
    lowercase: bool = False
    room: int | None = None


def read_layout(folder: Path, instrument: Instrument) -> Layout:
    """How `folder`'s model makes a vector, and what the instrument's options change of it.

    Raises BadInputError for what cannot be read and for modules of other kinds,
    UntrustedWeightsError for modules that are code of the folder's own.
    """
    prefix = word(instrument, "prefix", "")
    given = word(instrument, "pooling", "", ("", *POOLINGS))
    room = instrument.options.get("max_tokens")
    if room is not None and (not isinstance(room, int) or isinstance(room, bool) or room < 8):
        raise wrong(instrument, "max_tokens", "a whole number of at least 8")
    if not (folder / MODULES_FILE).is_file():
        return Layout(folder, (given or "mean",), prefix=prefix, room=room)
    if given:
        raise wrong(instrument, "pooling", f"none: {MODULES_FILE} of {folder} says how to pool")
    modules = [_module(folder, entry, instrument) for entry in _list(folder, instrument)]
    kinds = [kind for kind, _ in modules]
    if kinds[:2] != ["Transformer", "Pooling"] or {*kinds[2:]} - {"Dense", "Normalize"}:
        raise BadInputError(
            f"instrument {instrument.name!r}: {folder / MODULES_FILE} lists {', '.join(kinds)}; "
            "expected Transformer and Pooling, then any of Dense and Normalize. Choose another "
            "model."
        )
    encoder, pooling = modules[0][1], _read(modules[1][1] / "config.json")
    told = next((_read(encoder / n) for n in ENCODER_FILES if (encoder / n).is_file()), {})
    its_room = told.get("max_seq_length")
    rooms = [one for one in (room, its_room) if isinstance(one, int)]
    return Layout(
        encoder=encoder,
        poolings=_poolings(pooling, instrument),
        after=tuple(path if kind == "Dense" else None for kind, path in modules[2:]),
        prefix=prefix if "prefix" in instrument.options else _own_prefix(folder),
        pools_prefix=pooling.get("include_prompt") is not False,
        lowercase=bool(told.get("do_lower_case")),
        room=min(rooms) if rooms else None,
    )


def _list(folder: Path, instrument: Instrument) -> list[Any]:
    try:
        found = json.loads((folder / MODULES_FILE).read_text("utf-8"))
    except ValueError as error:
        raise BadInputError(f"{folder / MODULES_FILE} is no JSON ({error}).") from error
    if not isinstance(found, list) or not found:
        raise BadInputError(
            f"instrument {instrument.name!r}: {folder / MODULES_FILE} is no list of modules. Copy "
            "it again."
        )
    return found


def _module(folder: Path, entry: Any, instrument: Instrument) -> tuple[str, Path]:
    """A module's kind and its folder."""
    kind, path = (entry.get("type"), entry.get("path")) if isinstance(entry, dict) else (None, None)
    if not isinstance(kind, str) or not isinstance(path, str) or ".." in PurePosixPath(path).parts:
        raise BadInputError(
            f"instrument {instrument.name!r}: {folder / MODULES_FILE} has {entry!a}; expected a "
            "module with a type, and a path inside the folder."
        )
    if not kind.startswith(_OURS):
        raise UntrustedWeightsError(
            f"instrument {instrument.name!r}: {folder / MODULES_FILE} names {kind!a}, code that "
            "the model brings along, and that is never run. Choose a model made of "
            "sentence-transformers' own modules."
        )
    return kind.rpartition(".")[2], folder / path.lstrip("/")


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise BadInputError(f"{file} is no JSON ({error}). Copy it again.") from error
    return found if isinstance(found, dict) else {}


def _poolings(config: dict[str, Any], instrument: Instrument) -> tuple[str, ...]:
    written = config.get("pooling_mode")
    if written is None:
        old = {name for key, name in OLD_NAMES.items() if config.get(key)}
        written = [name for name in _ORDER if name in old] or ["mean"]
    found = tuple([written] if isinstance(written, str) else written)
    if not found or {*found} - {*POOLINGS}:
        raise BadInputError(
            f"instrument {instrument.name!r} pools by {written!a}; expected some of "
            f"{', '.join(POOLINGS)}."
        )
    return found


def _own_prefix(folder: Path) -> str:
    """The words that the model puts before a text where nobody chooses others."""
    told = _read(folder / DEFAULTS_FILE)
    prompts, name = told.get("prompts"), told.get("default_prompt_name")
    found = prompts.get(name) if isinstance(prompts, dict) and isinstance(name, str) else None
    return found if isinstance(found, str) else ""
